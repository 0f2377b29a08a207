// SPDX-License-Identifier: Apache-2.0
// Checks for files of a build that some tests need.
#pragma once

#include <filesystem>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "testsel/scope.hpp"
#include "testsel/selection.hpp"

namespace spyre::job {

// Return the scope for this machine: rules do not apply when one of their artefacts exists, next to the installed torch
// or in `source` (empty: not checked).
testsel::Scope settle_artefacts(const testsel::Scope& scope, const std::filesystem::path& source, const Config& config);

// Check the policy. Error: infra when selection.artefacts is `required` and tests are out of scope because artefacts
// are missing.
Result<void> check_artefacts(const testsel::Selection::Totals& totals, const testsel::Scope& scope,
                             const Config& config);

}  // namespace spyre::job
