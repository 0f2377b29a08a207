// SPDX-License-Identifier: Apache-2.0
package harness

/**
 * One `sh` step as Jenkins runs it: detached, with SIGHUP, SIGINT and SIGQUIT ignored, and found again by a cookie in
 * the environment of every process that it led to.
 */
class Shell {
  /** Between asking processes to end and killing them; a controller gives them 5 seconds. */
  static final long GRACE_MS = 5000

  final String cookie = "durable-${UUID.randomUUID()}"
  private final Process process
  private final File log
  volatile boolean killed

  Shell(String script, File folder, File control, Map<String, String> variables) {
    control.mkdirs()
    log = new File(control, 'log.txt')
    File file = new File(control, 'script.sh')
    file.text = script
    file.setExecutable(true)
    List interpreter = script.startsWith('#!') ? [file.path] : ['sh', '-xe', file.path]
    ProcessBuilder builder = new ProcessBuilder(
        ['setsid', 'sh', '-c', 'trap "" HUP INT QUIT; exec "$@"', 'sh'] + interpreter as String[])
    builder.environment().clear()
    builder.environment().putAll(variables + [JENKINS_SERVER_COOKIE: cookie])
    builder.directory(folder)
    builder.redirectInput(new File('/dev/null'))
    builder.redirectOutput(new File(control, 'output.txt'))
    builder.redirectError(log)
    this.output = new File(control, 'output.txt')
    process = builder.start()
  }

  final File output

  int await() { process.waitFor() }

  String getLogged() { log.text }

  /** As on an abort: TERM, then KILL to what is left. */
  void stop() {
    killed = true
    while (!processes && process.alive) Thread.sleep(5)
    Process sender = Processes.terminate(processes)
    long end = System.nanoTime() + GRACE_MS * 1_000_000L
    while (System.nanoTime() < end && processes) Thread.sleep(20)
    kill()
    sender.destroy()
  }

  /** As when the machine is switched off. */
  void lose() {
    killed = true
    kill()
  }

  // A process shows no environment while it becomes another program: one look may miss all of them.
  private void kill() {
    while (processes || process.alive) {
      Processes.signal('KILL', processes)
      Thread.sleep(5)
    }
  }

  private List<Long> getProcesses() { Processes.carrying('JENKINS_SERVER_COOKIE', cookie) }
}
