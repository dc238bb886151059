extension TextSchema {
  /// What a SavedModel and a graph consist of, as `name: field number type` in the order of TensorFlow's files.
  ///
  /// Debugging information and full types are left out: fields that are not listed are skipped.
  ///
  /// ## Source
  /// TensorFlow 2.21, `core/protobuf/{saved_model,meta_graph,saved_object_graph,struct}.proto`,
  /// `core/framework/{graph,function,node_def,attr_value,tensor,tensor_shape,types}.proto`.
  static let tensorFlow = TextSchema(
    messages: """
      SavedModel: saved_model_schema_version 1 int, meta_graphs 2 MetaGraphDef
      MetaGraphDef: meta_info_def 1 MetaGraphDef.MetaInfoDef, graph_def 2 GraphDef, saver_def 3 SaverDef, \
        collection_def 4 map<bytes,CollectionDef>, signature_def 5 map<bytes,SignatureDef>, \
        asset_file_def 6 AssetFileDef, object_graph_def 7 SavedObjectGraph
      MetaGraphDef.MetaInfoDef: meta_graph_version 1 bytes, stripped_op_list 2 OpList, any_info 3 Any, tags 4 bytes, \
        tensorflow_version 5 bytes, tensorflow_git_version 6 bytes, stripped_default_attrs 7 bool, \
        function_aliases 8 map<bytes,bytes>
      OpList: op 1 OpDef
      OpDef: name 1 bytes, input_arg 2 OpDef.ArgDef, output_arg 3 OpDef.ArgDef, control_output 20 bytes, \
        attr 4 OpDef.AttrDef, summary 5 bytes, description 6 bytes, is_commutative 18 bool, is_aggregate 16 bool, \
        is_stateful 17 bool, allows_uninitialized_input 19 bool, is_distributed_communication 21 bool
      OpDef.ArgDef: name 1 bytes, description 2 bytes, type 3 DataType, type_attr 4 bytes, number_attr 5 bytes, \
        type_list_attr 6 bytes, handle_data 7 ResourceHandleProto.DtypeAndShape, is_ref 16 bool
      ResourceHandleProto.DtypeAndShape: dtype 1 DataType, shape 2 TensorShapeProto
      TensorShapeProto: dim 2 TensorShapeProto.Dim, unknown_rank 3 bool
      TensorShapeProto.Dim: size 1 int, name 2 bytes
      OpDef.AttrDef: name 1 bytes, type 2 bytes, default_value 3 AttrValue, description 4 bytes, has_minimum 5 bool, \
        minimum 6 int, allowed_values 7 AttrValue
      AttrValue: s 2 bytes, i 3 int, f 4 float, b 5 bool, type 6 DataType, shape 7 TensorShapeProto, \
        tensor 8 TensorProto, list 1 AttrValue.ListValue, func 10 NameAttrList, placeholder 9 bytes
      TensorProto: dtype 1 DataType, tensor_shape 2 TensorShapeProto, version_number 3 int, tensor_content 4 bytes, \
        half_val 13 [int], float_val 5 [float], double_val 6 [double], int_val 7 [int], string_val 8 bytes, \
        scomplex_val 9 [float], int64_val 10 [int], bool_val 11 [bool], dcomplex_val 12 [double], \
        resource_handle_val 14 ResourceHandleProto, variant_val 15 VariantTensorDataProto, uint32_val 16 [uint], \
        uint64_val 17 [uint], float8_val 18 bytes
      ResourceHandleProto: device 1 bytes, container 2 bytes, name 3 bytes, hash_code 4 uint, maybe_type_name 5 bytes, \
        dtypes_and_shapes 6 ResourceHandleProto.DtypeAndShape
      VariantTensorDataProto: type_name 1 bytes, metadata 2 bytes, tensors 3 TensorProto
      AttrValue.ListValue: s 2 bytes, i 3 [int], f 4 [float], b 5 [bool], type 6 [DataType], shape 7 TensorShapeProto, \
        tensor 8 TensorProto, func 9 NameAttrList
      NameAttrList: name 1 bytes, attr 2 map<bytes,AttrValue>
      Any: type_url 1 bytes, value 2 bytes
      GraphDef: node 1 NodeDef, versions 4 VersionDef, version 3 int, library 2 FunctionDefLibrary
      NodeDef: name 1 bytes, op 2 bytes, input 3 bytes, device 4 bytes, attr 5 map<bytes,AttrValue>, \
        experimental_debug_info 6 NodeDef.ExperimentalDebugInfo
      NodeDef.ExperimentalDebugInfo: original_node_names 1 bytes, original_func_names 2 bytes
      VersionDef: producer 1 int, min_consumer 2 int, bad_consumers 3 [int]
      FunctionDefLibrary: function 1 FunctionDef, gradient 2 GradientDef, registered_gradients 3 RegisteredGradient
      FunctionDef: signature 1 OpDef, attr 5 map<bytes,AttrValue>, arg_attr 7 map<uint,FunctionDef.ArgAttrs>, \
        resource_arg_unique_id 8 map<uint,uint>, node_def 3 NodeDef, ret 4 map<bytes,bytes>, \
        control_ret 6 map<bytes,bytes>
      FunctionDef.ArgAttrs: attr 1 map<bytes,AttrValue>
      GradientDef: function_name 1 bytes, gradient_func 2 bytes
      RegisteredGradient: gradient_func 1 bytes, registered_op_type 2 bytes
      SaverDef: filename_tensor_name 1 bytes, save_tensor_name 2 bytes, restore_op_name 3 bytes, max_to_keep 4 int, \
        sharded 5 bool, keep_checkpoint_every_n_hours 6 float, version 7 SaverDef.CheckpointFormatVersion
      CollectionDef: node_list 1 CollectionDef.NodeList, bytes_list 2 CollectionDef.BytesList, \
        int64_list 3 CollectionDef.Int64List, float_list 4 CollectionDef.FloatList, any_list 5 CollectionDef.AnyList
      CollectionDef.NodeList: value 1 bytes
      CollectionDef.BytesList: value 1 bytes
      CollectionDef.Int64List: value 1 [int]
      CollectionDef.FloatList: value 1 [float]
      CollectionDef.AnyList: value 1 Any
      SignatureDef: inputs 1 map<bytes,TensorInfo>, outputs 2 map<bytes,TensorInfo>, method_name 3 bytes, \
        defaults 4 map<bytes,TensorProto>
      TensorInfo: name 1 bytes, coo_sparse 4 TensorInfo.CooSparse, composite_tensor 5 TensorInfo.CompositeTensor, \
        dtype 2 DataType, tensor_shape 3 TensorShapeProto
      TensorInfo.CooSparse: values_tensor_name 1 bytes, indices_tensor_name 2 bytes, dense_shape_tensor_name 3 bytes
      TensorInfo.CompositeTensor: type_spec 1 TypeSpecProto, components 2 TensorInfo
      TypeSpecProto: type_spec_class 1 TypeSpecProto.TypeSpecClass, type_state 2 StructuredValue, \
        type_spec_class_name 3 bytes, num_flat_components 4 int
      StructuredValue: none_value 1 NoneValue, float64_value 11 double, int64_value 12 sint, string_value 13 bytes, \
        bool_value 14 bool, tensor_shape_value 31 TensorShapeProto, tensor_dtype_value 32 DataType, \
        tensor_spec_value 33 TensorSpecProto, type_spec_value 34 TypeSpecProto, \
        bounded_tensor_spec_value 35 BoundedTensorSpecProto, list_value 51 ListValue, tuple_value 52 TupleValue, \
        dict_value 53 DictValue, named_tuple_value 54 NamedTupleValue, tensor_value 55 TensorProto, \
        numpy_value 56 TensorProto
      TensorSpecProto: name 1 bytes, shape 2 TensorShapeProto, dtype 3 DataType
      BoundedTensorSpecProto: name 1 bytes, shape 2 TensorShapeProto, dtype 3 DataType, minimum 4 TensorProto, \
        maximum 5 TensorProto
      ListValue: values 1 StructuredValue
      TupleValue: values 1 StructuredValue
      DictValue: fields 1 map<bytes,StructuredValue>
      NamedTupleValue: name 1 bytes, values 2 PairValue
      PairValue: key 1 bytes, value 2 StructuredValue
      AssetFileDef: tensor_info 1 TensorInfo, filename 2 bytes
      SavedObjectGraph: nodes 1 SavedObject, concrete_functions 2 map<bytes,SavedConcreteFunction>
      SavedObject: children 1 TrackableObjectGraph.TrackableObject.ObjectReference, \
        dependencies 15 TrackableObjectGraph.TrackableObject.ObjectReference, \
        slot_variables 3 TrackableObjectGraph.TrackableObject.SlotVariableReference, user_object 4 SavedUserObject, \
        asset 5 SavedAsset, function 6 SavedFunction, variable 7 SavedVariable, \
        bare_concrete_function 8 SavedBareConcreteFunction, constant 9 SavedConstant, resource 10 SavedResource, \
        captured_tensor 12 CapturedTensor, saveable_objects 11 map<bytes,SaveableObject>, registered_name 13 bytes, \
        serialized_user_proto 14 Any, registered_saver 16 bytes
      TrackableObjectGraph.TrackableObject.ObjectReference: node_id 1 int, local_name 2 bytes
      TrackableObjectGraph.TrackableObject.SlotVariableReference: original_variable_node_id 1 int, slot_name 2 bytes, \
        slot_variable_node_id 3 int
      SavedUserObject: identifier 1 bytes, version 2 VersionDef, metadata 3 bytes
      SavedAsset: asset_file_def_index 1 int
      SavedFunction: concrete_functions 1 bytes, function_spec 2 FunctionSpec
      FunctionSpec: fullargspec 1 StructuredValue, is_method 2 bool, input_signature 5 StructuredValue, \
        jit_compile 6 FunctionSpec.JitCompile
      SavedVariable: dtype 1 DataType, shape 2 TensorShapeProto, trainable 3 bool, \
        synchronization 4 VariableSynchronization, aggregation 5 VariableAggregation, name 6 bytes, device 7 bytes, \
        experimental_distributed_variable_components 8 SavedVariable
      SavedBareConcreteFunction: concrete_function_name 1 bytes, argument_keywords 2 bytes, \
        allowed_positional_arguments 3 int, function_spec 4 FunctionSpec
      SavedConstant: operation 1 bytes
      SavedResource: device 1 bytes
      CapturedTensor: name 1 bytes, concrete_function 2 bytes
      SaveableObject: save_function 2 int, restore_function 3 int
      SavedConcreteFunction: bound_inputs 2 [int], canonicalized_input_signature 3 StructuredValue, \
        output_signature 4 StructuredValue
      """,
    enumerations: """
      DataType: DT_INVALID 0, DT_FLOAT 1, DT_DOUBLE 2, DT_INT32 3, DT_UINT8 4, DT_INT16 5, DT_INT8 6, DT_STRING 7, \
        DT_COMPLEX64 8, DT_INT64 9, DT_BOOL 10, DT_QINT8 11, DT_QUINT8 12, DT_QINT32 13, DT_BFLOAT16 14, DT_QINT16 15, \
        DT_QUINT16 16, DT_UINT16 17, DT_COMPLEX128 18, DT_HALF 19, DT_RESOURCE 20, DT_VARIANT 21, DT_UINT32 22, \
        DT_UINT64 23, DT_FLOAT8_E5M2 24, DT_FLOAT8_E4M3FN 25, DT_FLOAT8_E4M3FNUZ 26, DT_FLOAT8_E4M3B11FNUZ 27, \
        DT_FLOAT8_E5M2FNUZ 28, DT_INT4 29, DT_UINT4 30, DT_INT2 31, DT_UINT2 32, DT_FLOAT4_E2M1FN 33
      SaverDef.CheckpointFormatVersion: LEGACY 0, V1 1, V2 2
      TypeSpecProto.TypeSpecClass: UNKNOWN 0, SPARSE_TENSOR_SPEC 1, INDEXED_SLICES_SPEC 2, RAGGED_TENSOR_SPEC 3, \
        TENSOR_ARRAY_SPEC 4, DATA_DATASET_SPEC 5, DATA_ITERATOR_SPEC 6, OPTIONAL_SPEC 7, PER_REPLICA_SPEC 8, \
        VARIABLE_SPEC 9, ROW_PARTITION_SPEC 10, REGISTERED_TYPE_SPEC 12, EXTENSION_TYPE_SPEC 13
      FunctionSpec.JitCompile: DEFAULT 0, ON 1, OFF 2
      VariableSynchronization: VARIABLE_SYNCHRONIZATION_AUTO 0, VARIABLE_SYNCHRONIZATION_NONE 1, \
        VARIABLE_SYNCHRONIZATION_ON_WRITE 2, VARIABLE_SYNCHRONIZATION_ON_READ 3
      VariableAggregation: VARIABLE_AGGREGATION_NONE 0, VARIABLE_AGGREGATION_SUM 1, VARIABLE_AGGREGATION_MEAN 2, \
        VARIABLE_AGGREGATION_ONLY_FIRST_REPLICA 3
      """)
}
