@preconcurrency import Glibc

/// A folder in memory for the files of one process, where the system has such.
struct Workbench {
  let path: String
  private var names: [String] = []
  private var folders: Set<String> = []

  init() {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    path = "\(parent)/equipoise-fuzz-\(getpid())"
    mkdir(path, 0o700)
    setenv("TMPDIR", path, 1)
  }

  /// Puts the files there, and nothing else.
  mutating func lay(_ files: [String: [UInt8]]) {
    for name in names where files[name] == nil { unlink("\(path)/\(name)") }
    names = Array(files.keys)
    for (name, content) in files {
      let file = "\(path)/\(name)"
      var descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      if descriptor < 0 {
        var folder = path
        for part in name.split(separator: "/").dropLast() {
          folder += "/\(part)"
          mkdir(folder, 0o700)
          folders.insert(folder)
        }
        descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
      }
      _ = content.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      close(descriptor)
    }
  }

  /// Removes the folder and all that was laid into it.
  mutating func remove() {
    lay([:])
    for folder in folders.sorted(by: >) { rmdir(folder) }
    rmdir(path)
  }
}
