// SPDX-License-Identifier: Apache-2.0
package harness

/** What the `error` step throws: its message ends the log, without a stack. */
class AbortException extends IOException {
  AbortException(String message) { super(message) }
}
