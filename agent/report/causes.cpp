// SPDX-License-Identifier: Apache-2.0
#include "agent/report/causes.hpp"

#include <array>

namespace spyre::report {
namespace {

struct Sign {
  std::string_view words;
  std::string_view cause;
};

// As Python, the C library, PyTorch and the agent say it. Whole phrases: a test may well speak of memory.
constexpr std::array signs{
    Sign{"MemoryError", "memory"},
    Sign{"std::bad_alloc", "memory"},
    Sign{"Cannot allocate memory", "memory"},
    Sign{"out of memory", "memory"},
    Sign{"can't allocate memory", "memory"},
    Sign{"No space left on device", "disk"},
    Sign{"Disk quota exceeded", "disk"},
    Sign{"Read-only file system", "disk"},
    Sign{"ConnectionError", "network"},
    Sign{"ConnectionResetError", "network"},
    Sign{"ConnectionRefusedError", "network"},
    Sign{"Connection refused", "network"},
    Sign{"Connection reset by peer", "network"},
    Sign{"Temporary failure in name resolution", "network"},
    Sign{"Name or service not known", "network"},
    Sign{"Network is unreachable", "network"},
    Sign{"urllib.error.URLError", "network"},
    Sign{"No module named 'torch'", "torch"},
    Sign{"libtorch", "torch"},
    Sign{"torch cannot be imported", "torch"},
    Sign{"card is lost", "card"},
    Sign{"device is lost", "card"},
    Sign{"VFIO", "card"},
    Sign{"No such device", "card"},
};

}  // namespace

std::string_view infrastructure_cause(const results::Attempt& attempt) {
  if (!results::is_failure(attempt.outcome)) return {};
  for (const Sign& sign : signs) {
    if (std::string_view(attempt.message).find(sign.words) != std::string_view::npos) return sign.cause;
  }
  return {};
}

}  // namespace spyre::report
