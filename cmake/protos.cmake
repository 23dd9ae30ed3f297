# wasync_proto_library(<name> <core folder>): the library of what protoc makes of core/proto, to
# be included as "proto/<file>.pb.h".
function(wasync_proto_library name core)
  file(GLOB protos CONFIGURE_DEPENDS ${core}/proto/*.proto)
  set(generated ${CMAKE_BINARY_DIR}/generated)
  file(MAKE_DIRECTORY ${generated})
  foreach(proto ${protos})
    get_filename_component(file ${proto} NAME_WE)
    add_custom_command(
      OUTPUT ${generated}/proto/${file}.pb.cc ${generated}/proto/${file}.pb.h
      COMMAND protobuf::protoc --cpp_out=${generated} -I ${core} ${proto}
      DEPENDS ${protos} VERBATIM)
    list(APPEND sources ${generated}/proto/${file}.pb.cc)
  endforeach()
  add_library(${name} STATIC ${sources})
  target_include_directories(${name} SYSTEM PUBLIC ${generated})
  target_link_libraries(${name} PUBLIC protobuf::libprotobuf-lite)
endfunction()
