import CGSL

/// Version of the GNU Scientific Library that this was compiled against.
public var gslVersion: String { GSL_VERSION }
