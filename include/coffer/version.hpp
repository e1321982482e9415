/// The version of coffer: the one place where it is written. CMake and the package files read it
/// from here.
#pragma once

#define COFFER_VERSION_MAJOR 0
#define COFFER_VERSION_MINOR 1
#define COFFER_VERSION_PATCH 0
