#include "diagnose/verdict.h"

#include <doctest/doctest.h>
