import CLibFuzzer
@preconcurrency import Glibc

@testable import ModelWriters

// libFuzzer calls a function without a context, from one thread.
nonisolated(unsafe) private var target = FuzzTarget.tensorBundle
nonisolated(unsafe) private var workbench = Workbench()
nonisolated(unsafe) private var isFirst = true

/// Fuzzes one reader; with `--seeds FOLDER` writes the inputs to begin with instead.
public func fuzz(
  _ name: String, _ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
) -> CInt {
  guard let known = FuzzTarget(rawValue: name) else { fatalError("no reader is called \(name)") }
  target = known
  let arguments = (0..<Int(argc)).compactMap { argv[$0].map { String(cString: $0) } }
  if arguments.count == 3, arguments[1] == "--seeds" { return writeSeeds(to: arguments[2]) }
  atexit { workbench.remove() }
  var count = argc
  var values: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = argv
  return LLVMFuzzerRunDriver(&count, &values) { data, size in
    if isFirst, target.usesHDF5 { eqp_tell_faults_of_hdf5() }
    isFirst = false
    eqp_begin_input()
    let files = target.files(from: [UInt8](UnsafeBufferPointer(start: data, count: size)))
    workbench.lay(files.content)
    do { try readEverything(at: "\(workbench.path)/\(files.path)") } catch { fatalError("\(error)") }
    return 0
  }
}

private func writeSeeds(to folder: String) -> CInt {
  do {
    for (number, seed) in try target.seeds().enumerated() {
      guard let file = fopen("\(folder)/seed-\(number)", "w") else { return 1 }
      fwrite(seed, 1, seed.count, file)
      fclose(file)
    }
    return 0
  } catch {
    fputs("\(error)\n", stderr)
    return 1
  }
}

/// Changes one part of a parcel and leaves the others: lengths stay right.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ most: Int, _ seed: CUnsignedInt) -> Int {
  var parcel = Parcel([UInt8](UnsafeBufferPointer(start: data, count: size)))
  let index = parcel.parts.isEmpty ? 0 : Int(seed / 16) % parcel.parts.count
  let old = parcel[index].count
  let room = min(most - parcel.bytes.count, old + 64)
  // Now and then the parcel itself, so that parts come and go.
  guard !parcel.parts.isEmpty, seed % 16 != 0, room > 0 else { return LLVMFuzzerMutate(data, size, most) }
  var part = parcel[index] + [UInt8](repeating: 0, count: room)
  let new = part.withUnsafeMutableBufferPointer { LLVMFuzzerMutate($0.baseAddress, old, $0.count) }
  parcel.parts[index] = Array(part[..<new])
  let bytes = parcel.bytes
  for (position, byte) in bytes.enumerated() { data[position] = byte }
  return bytes.count
}
