// SPDX-License-Identifier: Apache-2.0
import com.cloudbees.groovy.cps.NonCPS
import spyre.ci.Arguments

/** Writes to people when a build is not green, and when it is green again. */
void call(Map args = [:]) {
  Map given = Arguments.of('spyreNotify', args, [to: ''])
  String now = currentBuild.currentResult
  String before = currentBuild.previousBuild?.result
  if (!given.to || params.SETUP_ONLY || !worthAWord(now, before)) return
  String address = env.BUILD_URL ?: 'The address of this controller is not configured.'
  mail(to: given.to, subject: "${env.JOB_NAME} #${env.BUILD_NUMBER}: ${now}",
       body: "${currentBuild.description ?: ''}\n\n${address}\n")
}

@NonCPS
private boolean worthAWord(String now, String before) {
  return now != 'SUCCESS' || (before != null && before != 'SUCCESS')
}
