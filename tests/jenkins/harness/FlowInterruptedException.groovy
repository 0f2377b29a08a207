// SPDX-License-Identifier: Apache-2.0
package harness

/** An abort, a time-out or a lost node reached a step that was under way; the message says which. */
class FlowInterruptedException extends InterruptedException {
  static final String ABORTED = 'aborted by a user'
  static final String TIMED_OUT = 'timeout has been exceeded'
  static final String NODE_LOST = 'agent was removed'

  FlowInterruptedException(String why) { super(why) }

  boolean isLostNode() { message == NODE_LOST }
}
