// Puts the chunks of a SavedModel together by the reader that TensorFlow's library has: merge PREFIX OUTPUT.
#include <fstream>
#include <iostream>
#include "tensorflow/core/protobuf/saved_model.pb.h"
#include "tensorflow/tools/proto_splitter/merge.h"

int main(int, char **argv) {
  tensorflow::SavedModel model;
  auto status = tensorflow::tools::proto_splitter::Merger::Read(argv[1], &model);
  if (!status.ok()) { std::cerr << status << "\n"; return 1; }
  std::ofstream(argv[2], std::ios::binary) << model.SerializeAsString();
}
