// SPDX-License-Identifier: Apache-2.0
package harness

/** One line of execution: the pipeline itself, or a parallel branch. */
class Strand {
  Context context
  FlowInterruptedException pending  // reaches the step that is under way, or the next one
  Shell shell                       // the process that the step waits for
  boolean waitsForBranches          // an interruption is for the branches
}
