# `cmake --install build/release --prefix DIR`: the program, the libraries, the headers and a CMake package.
# A program that embeds Tamis then says: find_package(tamis REQUIRED) and target_link_libraries(mine PRIVATE tamis::tamis).
include(CMakePackageConfigHelpers)

# tamis::tamis is what <tamis/tamis.h> needs; a single room, e.g. tamis::index, can be linked too.
add_library(tamis_all INTERFACE)
add_library(tamis::tamis ALIAS tamis_all)
set_target_properties(tamis_all PROPERTIES EXPORT_NAME tamis)
target_link_libraries(tamis_all INTERFACE tamis::engine)

get_property(rooms GLOBAL PROPERTY TAMIS_ROOMS)
install(TARGETS tamis_all ${rooms} EXPORT tamisTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET tamis)
  install(TARGETS tamis RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/tamis DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tamis)
install(EXPORT tamisTargets NAMESPACE tamis:: DESTINATION ${package_dir})

# The package looks for the same libraries in the same way: static archives carry their names, not their code.
get_property(modules GLOBAL PROPERTY TAMIS_PKG_MODULES)
set(TAMIS_FIND_MODULES "")
foreach(entry ${modules})
  string(REPLACE ":" ";" pair ${entry})
  list(GET pair 0 name)
  list(GET pair 1 module)
  string(APPEND TAMIS_FIND_MODULES "pkg_check_modules(${name} REQUIRED QUIET IMPORTED_TARGET ${module})\n")
endforeach()
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/TamisConfig.cmake.in ${PROJECT_BINARY_DIR}/tamisConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/tamisConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/tamisConfig.cmake ${PROJECT_BINARY_DIR}/tamisConfigVersion.cmake
  DESTINATION ${package_dir})
