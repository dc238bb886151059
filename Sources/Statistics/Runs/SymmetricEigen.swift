@preconcurrency import CGSL

/// Eigenvalues of a symmetric matrix in descending order.
///
/// - Parameter matrix: Shape `[size, size]`, row-major; the lower triangle is read.
/// - Throws: ``SampleError/shapeMismatch(expected:actual:)``, ``SampleError/nonFinite(index:)``,
///   ``SampleError/numerical(function:status:)``.
/// - Complexity: O(size³).
/// ## Source
/// Golub & Van Loan, Matrix Computations, section 8.3; `gsl_eigen_symm`
public func symmetricEigenvalues(_ matrix: [Double], size: Int) throws(SampleError) -> [Double] {
  try eigen(matrix, size: size, wantsVectors: false).values
}

/// Eigenvalues in descending order, and the eigenvectors as columns of a matrix of shape `[size, size]`, row-major.
func symmetricEigensystem(_ matrix: [Double], size: Int) throws(SampleError) -> (values: [Double], vectors: [Double]) {
  try eigen(matrix, size: size, wantsVectors: true)
}

private func eigen(
  _ matrix: [Double], size: Int, wantsVectors: Bool
) throws(SampleError) -> (values: [Double], vectors: [Double]) {
  guard size >= 0, matrix.count == size * size else {
    throw .shapeMismatch(expected: size * size, actual: matrix.count)
  }
  try SampleError.checkFinite(matrix)
  if size == 0 { return ([], []) }
  GSL.prepare()
  var copy = matrix
  var values = [Double](repeating: 0, count: size)
  var vectors = [Double](repeating: 0, count: wantsVectors ? size * size : 1)
  let status = copy.withUnsafeMutableBufferPointer { copy in
    values.withUnsafeMutableBufferPointer { values in
      vectors.withUnsafeMutableBufferPointer { vectors -> Int32 in
        var a = gsl_matrix_view_array(copy.baseAddress, size, size)
        var v = gsl_vector_view_array(values.baseAddress, size)
        if !wantsVectors {
          guard let workspace = gsl_eigen_symm_alloc(size) else { return GSL_ENOMEM.status }
          defer { gsl_eigen_symm_free(workspace) }
          return gsl_eigen_symm(&a.matrix, &v.vector, workspace)
        }
        var e = gsl_matrix_view_array(vectors.baseAddress, size, size)
        guard let workspace = gsl_eigen_symmv_alloc(size) else { return GSL_ENOMEM.status }
        defer { gsl_eigen_symmv_free(workspace) }
        let status = gsl_eigen_symmv(&a.matrix, &v.vector, &e.matrix, workspace)
        guard status == GSL_SUCCESS.status else { return status }
        return gsl_eigen_symmv_sort(&v.vector, &e.matrix, GSL_EIGEN_SORT_VAL_DESC)
      }
    }
  }
  guard status == GSL_SUCCESS.status else {
    throw .numerical(function: wantsVectors ? "gsl_eigen_symmv" : "gsl_eigen_symm", status: status)
  }
  return (wantsVectors ? values : values.sorted(by: >), wantsVectors ? vectors : [])
}
