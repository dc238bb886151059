#pragma once
#include <hdf5.h>
#include <hdf5_hl.h>

/* Macros that Swift's importer can't see, as functions. Those that name a library global call H5open() first, as
   HDF5's own macros do: hold the lock. */

static inline hid_t h5x_ieee_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t h5x_ieee_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t h5x_std_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t h5x_std_i16le(void) { return H5T_STD_I16LE; }
static inline hid_t h5x_std_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t h5x_std_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t h5x_std_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t h5x_std_u16le(void) { return H5T_STD_U16LE; }
static inline hid_t h5x_std_u32le(void) { return H5T_STD_U32LE; }
static inline hid_t h5x_std_u64le(void) { return H5T_STD_U64LE; }
static inline hid_t h5x_c_s1(void) { return H5T_C_S1; }
static inline size_t h5x_variable(void) { return H5T_VARIABLE; }

static inline hid_t h5x_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t h5x_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t h5x_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t h5x_dataset_create(void) { return H5P_DATASET_CREATE; }
static inline hid_t h5x_dataset_access(void) { return H5P_DATASET_ACCESS; }
static inline hid_t h5x_attribute_create(void) { return H5P_ATTRIBUTE_CREATE; }
static inline hid_t h5x_link_create(void) { return H5P_LINK_CREATE; }

static inline hid_t h5x_default(void) { return H5P_DEFAULT; }
static inline hid_t h5x_all(void) { return H5S_ALL; }
static inline unsigned h5x_acc_trunc(void) { return H5F_ACC_TRUNC; }
static inline unsigned h5x_acc_rdonly(void) { return H5F_ACC_RDONLY; }
static inline unsigned h5x_acc_rdwr(void) { return H5F_ACC_RDWR; }
static inline unsigned h5x_creation_order(void) { return H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED; }

static inline hid_t h5x_e_notfound(void) { return H5E_NOTFOUND; }
static inline hid_t h5x_e_exists(void) { return H5E_EXISTS; }
static inline hid_t h5x_e_nothdf5(void) { return H5E_NOTHDF5; }
static inline hid_t h5x_e_truncated(void) { return H5E_TRUNCATED; }
static inline hid_t h5x_e_badtype(void) { return H5E_BADTYPE; }
static inline hid_t h5x_e_cantopenfile(void) { return H5E_CANTOPENFILE; }
static inline hid_t h5x_e_readerror(void) { return H5E_READERROR; }
static inline hid_t h5x_e_writeerror(void) { return H5E_WRITEERROR; }

/* Whether a name in a group is the object's own, not a link to a path or to another file; negative if that fails. */
static inline int h5x_is_hard_link(hid_t group, const char *name) {
  H5L_info_t info;
  if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0) return -1;
  return info.type == H5L_TYPE_HARD;
}

/* Stops HDF5 from printing its error stack. The setting is the thread's own. */
static inline herr_t h5x_silence(void) { return H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }

/* Where a dimension scale is in use. */
typedef struct {
  hobj_ref_t dataset;
  int dimension;
} h5x_scale_user;

static inline herr_t h5x_write_list(hid_t group, const char *object, const char *name, hid_t type, hsize_t count,
                                    const void *elements) {
  hid_t space = H5Screate_simple(1, &count, NULL);
  hid_t attribute = H5Acreate_by_name(group, object, name, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
  herr_t result = attribute < 0 ? -1 : H5Awrite(attribute, type, elements);
  if (attribute >= 0 && H5Aclose(attribute) < 0) result = -1;
  if (space >= 0) H5Sclose(space);
  return result;
}

/* DIMENSION_LIST of a dataset: a list of references for each axis, here of one scale each. */
static inline herr_t h5x_write_dimension_list(hid_t group, const char *dataset, hobj_ref_t *scales, int rank) {
  hvl_t lists[H5S_MAX_RANK];
  if (rank > H5S_MAX_RANK) return -1;
  for (int axis = 0; axis < rank; axis++) {
    lists[axis].len = 1;
    lists[axis].p = scales + axis;
  }
  hid_t type = H5Tvlen_create(H5T_STD_REF_OBJ);
  herr_t result = type < 0 ? -1 : h5x_write_list(group, dataset, "DIMENSION_LIST", type, (hsize_t)rank, lists);
  if (type >= 0) H5Tclose(type);
  return result;
}

/* REFERENCE_LIST of a scale: the datasets and axes that it belongs to. */
static inline herr_t h5x_write_reference_list(hid_t group, const char *scale, const h5x_scale_user *users,
                                              size_t count) {
  hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(h5x_scale_user));
  if (type < 0) return -1;
  herr_t result = -1;
  if (H5Tinsert(type, "dataset", HOFFSET(h5x_scale_user, dataset), H5T_STD_REF_OBJ) >= 0 &&
      H5Tinsert(type, "dimension", HOFFSET(h5x_scale_user, dimension), H5T_NATIVE_INT) >= 0)
    result = h5x_write_list(group, scale, "REFERENCE_LIST", type, count, users);
  H5Tclose(type);
  return result;
}
