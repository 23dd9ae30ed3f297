# Warnings are errors in our own code; generated code and system headers are exempt.
add_library(wasync_warnings INTERFACE)
target_compile_options(wasync_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
# GCC 12 sees phantom problems inside inlined library code when sanitizers or -O2 are on, and
# takes the frames of coroutines for allocated with another operator new.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(wasync_warnings INTERFACE
    -Wno-maybe-uninitialized -Wno-restrict -Wno-stringop-overflow -Wno-stringop-overread
    -Wno-array-bounds -Wno-mismatched-new-delete)
endif()

if(WASYNC_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
  # Every check points at its place in the source: millions of relocations, made anew at each start
  # of a program that can be loaded anywhere. The tests start thousands.
  add_compile_options(-fno-pie)
  add_link_options(-no-pie)
endif()
