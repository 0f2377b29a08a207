// SPDX-License-Identifier: Apache-2.0
package harness

/** A step that needs a node found that the node has gone. */
class AgentOfflineException extends IOException {
  AgentOfflineException(String node) { super("${node} is offline") }
}
