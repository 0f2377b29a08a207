// SPDX-License-Identifier: Apache-2.0
package harness

class Processes {
  static List<Long> carrying(String variable, String value) {
    byte[] wanted = "${variable}=${value}".toString().bytes
    List<Long> found = []
    new File('/proc').list().findAll { it.isLong() }.each { String pid ->
      try {
        byte[] environment = new File("/proc/${pid}/environ").bytes
        if (contains(environment, wanted)) found << pid.toLong()
      } catch (IOException gone) {
        return
      }
    }
    return found
  }

  static void signal(String name, List<Long> pids) {
    if (pids) (["kill", "-${name}"] + pids)*.toString().execute().waitFor()
  }

  /** Ends them as an agent of Jenkins does, with a signal from a process that lives on: to be destroyed by the caller. */
  static Process terminate(List<Long> pids) {
    Process sender = ['sh', '-c', "kill -TERM ${pids.join(' ')}; echo sent; exec sleep 60"]*.toString().execute()
    sender.inputStream.withReader { it.readLine() }
    return sender
  }

  private static boolean contains(byte[] text, byte[] wanted) {
    outer:
    for (int at = 0; at <= text.length - wanted.length; at++) {
      for (int i = 0; i < wanted.length; i++) {
        if (text[at + i] != wanted[i]) continue outer
      }
      return true
    }
    return false
  }
}
