// SPDX-License-Identifier: Apache-2.0
import spyre.ci.Arguments
import spyre.ci.ExitCode
import spyre.ci.Program

/** Tells the upstream relay. The result of the tests is not touched by a relay that is out of order. */
void call(Map args = [:]) {
  Map given = Arguments.of('spyreRelay', args, Arguments.PROGRAM + [
      status: '', nightly: '', dispatch: '', url: '', from: [], runId: '', runAttempt: '', workflow: '', jobName: '',
      checkRunId: '', repository: '', tokenFile: '', tokenCommand: '', tokenOidc: false])
  String dispatch = given.dispatch
  if (dispatch.startsWith('{')) {
    dispatch = "${Program.FOLDER}/dispatch.json"
    writeFile(file: dispatch, text: given.dispatch)
  }
  List words = ['relay', 'send'] + Program.flags(
      url: given.url, dispatch: dispatch, nightly: given.nightly, status: given.status, from: given.from,
      'run-id': given.runId, 'run-attempt': given.runAttempt, workflow: given.workflow, 'job-name': given.jobName,
      'check-run-id': given.checkRunId, repository: given.repository, 'token-file': given.tokenFile,
      'token-command': given.tokenCommand, 'token-oidc': given.tokenOidc)
  String what = "relay ${given.status ?: 'nightly'}"
  int code = new Program(this, given).run(what, words)
  if (code != ExitCode.SUCCESS) echo("WARNING: ${what} was not delivered: ${ExitCode.meaning(code)}")
}
