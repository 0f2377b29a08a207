// SPDX-License-Identifier: Apache-2.0
#include "agent/core/result.hpp"

namespace spyre {

int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
    case ErrorKind::config:
    case ErrorKind::invalid:
    case ErrorKind::not_found:
    case ErrorKind::busy:
    case ErrorKind::io:
    case ErrorKind::internal:
      return 2;
    case ErrorKind::nothing_selected:
      return 4;
    case ErrorKind::interrupted:
      return 143;
    case ErrorKind::infra:
      return 3;
  }
  return 3;
}

}  // namespace spyre
