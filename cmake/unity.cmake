# A file that uses Asio's coroutines takes longer to parse than to compile, and all files of a room
# parse the same headers: compiled together they cost less than half. That is for whoever builds
# once. Who edits wants each file alone (the preset debug).
option(WASYNC_UNITY "compile the files of each folder together" OFF)
set(WASYNC_UNITY_FILES 16 CACHE STRING "how many of them at most")

# wasync_unity(<target> <sources>...): folder by folder, so that what is compiled together belongs
# together and a new file moves no other folder's.
function(wasync_unity target)
  if(NOT WASYNC_UNITY)
    return()
  endif()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
  foreach(source ${ARGN})
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${source})
    get_filename_component(folder ${folder} DIRECTORY)
    string(MAKE_C_IDENTIFIER ${folder} folder)
    if(NOT DEFINED count_${folder})
      set(count_${folder} 0)
    endif()
    math(EXPR part "${count_${folder}} / ${WASYNC_UNITY_FILES}")
    math(EXPR count_${folder} "${count_${folder}} + 1")
    set_source_files_properties(${source} PROPERTIES UNITY_GROUP "${folder}_${part}")
  endforeach()
  # A type of an anonymous namespace in a coroutine's frame is as private here as in its file.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(${target} PRIVATE -Wno-subobject-linkage)
  endif()
endfunction()
