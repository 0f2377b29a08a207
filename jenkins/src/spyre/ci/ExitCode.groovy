// SPDX-License-Identifier: Apache-2.0
package spyre.ci

import com.cloudbees.groovy.cps.NonCPS

/** What the program's exit codes, and those of Jenkins' own `sh`, are for a build. */
class ExitCode implements Serializable {
  private static final long serialVersionUID = 1L

  static final int SUCCESS = 0
  static final int SOME_FAILED = 1

  @NonCPS
  static String meaning(int code) {
    switch (code) {
      case SUCCESS: return 'every selected test is accounted for, none failed'
      case SOME_FAILED: return 'some tests failed, or were over the budget of time'
      case 2: return 'wrong use, configuration or input'
      case 3: return 'the infrastructure failed: something could not be run'
      case 4: return 'nothing was selected, so nothing was tested'
      case 127: return 'the program was not found on this node: install spyre-ci, or give its path as `program`'
      case 130: return 'interrupted'
      case 143: return 'ended by a signal (TERM)'
      // From here on `sh` speaks, not the program.
      case -1: return 'the process was lost: no sign of life from it'
      case -2: return 'the process was never started'
      default: return "exit code ${code}"
    }
  }

  /** SUCCESS, UNSTABLE or FAILURE. */
  @NonCPS
  static String result(int code) {
    if (code == SUCCESS) return 'SUCCESS'
    return code == SOME_FAILED ? 'UNSTABLE' : 'FAILURE'
  }
}
