// SPDX-License-Identifier: Apache-2.0
import spyre.ci.Arguments
import spyre.ci.ExitCode
import spyre.ci.Program

/** Tells the upstream relay. The result of the tests is not touched by a relay that is out of order. */
void call(Map args = [:]) {
  Map given = Arguments.of('spyreRelay', args, Arguments.PROGRAM + [
      status: '', nightly: '', dispatch: '', url: '', from: [], runId: '', runAttempt: '', workflow: '', jobName: '',
      checkRunId: '', repository: '', conclusion: '', wait: '5m',
      tokenFile: '', tokenCommand: '', tokenOidc: false])
  String dispatch = given.dispatch
  if (dispatch.startsWith('{')) {
    dispatch = "${Program.FOLDER}/dispatch.json"
    writeFile(file: dispatch, text: given.dispatch)
  }
  // A nightly job has but an end.
  String status = given.status ?: (given.nightly ? 'completed' : '')
  List words = ['relay', 'send'] + Program.flags(
      url: given.url, dispatch: dispatch, nightly: given.nightly, status: status, from: given.from,
      conclusion: given.conclusion, 'build-url': env.BUILD_URL, wait: given.wait,
      'run-id': given.runId, 'run-attempt': given.runAttempt, workflow: given.workflow, 'job-name': given.jobName,
      'check-run-id': given.checkRunId, repository: given.repository, 'token-file': given.tokenFile,
      'token-command': given.tokenCommand, 'token-oidc': given.tokenOidc)
  int code = new Program(this, given).run("relay ${status}", words)
  if (code == ExitCode.SUCCESS) return
  String fate = code == 3 ? 'is not delivered yet; the outbox of this node keeps it' : "was refused (exit code ${code})"
  echo("WARNING: relay: ${status} ${fate}")
}
