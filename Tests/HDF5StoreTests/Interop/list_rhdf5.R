# Lists a file as rhdf5 reads it: Rscript list_rhdf5.R pairs.h5 listing.txt
suppressPackageStartupMessages(library(rhdf5))
arguments <- commandArgs(trailingOnly = TRUE)
output <- file(arguments[2], "w", encoding = "UTF-8")
line <- function(name, value) {
  text <- is.character(value)
  values <- if (text) as.vector(value) else sprintf("%.17g", as.double(as.vector(value)))
  values[!text & values == "NA"] <- "nan"
  writeLines(paste(name, if (text) "text" else "number", paste(values, collapse = "\x1f"), sep = "\t"), output)
}
kept <- c("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue", "_Netcdf4Dimid")
objects <- h5ls(arguments[1], all = TRUE)
paths <- sub("^//", "/", paste(objects$group, objects$name, sep = "/"))
for (i in seq_along(paths)) {
  if (objects$otype[i] == "H5I_DATASET") line(paths[i], h5read(arguments[1], paths[i], bit64conversion = "double"))
}
file <- H5Fopen(arguments[1], flags = "H5F_ACC_RDONLY")
for (path in c("/", paths)) {
  object <- H5Oopen(file, path)
  for (i in seq_len(H5Oget_num_attrs(object)) - 1) {
    attribute <- H5Aopen_by_idx(object, i, objname = ".")
    name <- H5Aget_name(attribute)
    if (!name %in% kept) line(paste0(path, "@", name), H5Aread(attribute, bit64conversion = "double"))
    H5Aclose(attribute)
  }
  H5Oclose(object)
}
H5Fclose(file)
close(output)
cat(as.character(packageVersion("rhdf5")), "\n")
