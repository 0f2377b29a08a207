// SPDX-License-Identifier: Apache-2.0
package harness

/** The Jenkinsfile is wrong, and no controller would run it. */
class PipelineError extends Exception {
  PipelineError(String message) { super(message) }
}
