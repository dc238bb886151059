# Lists a file as hdf5r reads it: Rscript list_hdf5r.R pairs.h5 listing.txt
suppressPackageStartupMessages(library(hdf5r))
arguments <- commandArgs(trailingOnly = TRUE)
output <- file(arguments[2], "w", encoding = "UTF-8")
line <- function(name, value) {
  text <- is.character(value)
  values <- if (text) as.vector(value) else sprintf("%.17g", as.double(as.vector(value)))
  values[!text & values == "NA"] <- "nan"
  writeLines(paste(name, if (text) "text" else "number", paste(values, collapse = "\x1f"), sep = "\t"), output)
}
kept <- c("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue", "_Netcdf4Dimid")
attributes_of <- function(object, path) {
  for (name in setdiff(h5attr_names(object), kept)) line(paste0(path, "@", name), h5attr(object, name))
}
file <- H5File$new(arguments[1], mode = "r")
attributes_of(file, "/")
for (path in file$ls(recursive = TRUE)$name) {
  object <- file[[path]]
  attributes_of(object, paste0("/", path))
  if (inherits(object, "H5D")) line(paste0("/", path), object$read())
  object$close()
}
file$close_all()
close(output)
cat(as.character(packageVersion("hdf5r")), "\n")
