// SPDX-License-Identifier: Apache-2.0
// Files of a build that some tests need: whether they are there.
#pragma once

#include <filesystem>

#include "agent/core/config.hpp"
#include "agent/core/result.hpp"
#include "testsel/scope.hpp"
#include "testsel/selection.hpp"

namespace spyre::job {

// The scope as it is on this machine: rules of which an artefact is found, beside the installed torch or in `source`
// (empty: there only), do not apply.
testsel::Scope settle_artefacts(const testsel::Scope& scope, const std::filesystem::path& source, const Config& config);

// Error: infra when selection.artefacts is `required` and tests are out of scope because artefacts are missing.
Result<void> check_artefacts(const testsel::Selection::Totals& totals, const testsel::Scope& scope,
                             const Config& config);

}  // namespace spyre::job
