// SPDX-License-Identifier: Apache-2.0
import com.cloudbees.groovy.cps.NonCPS
import spyre.ci.Arguments
import spyre.ci.ExitCode
import spyre.ci.Program

/** Puts the results of all shards together. A shard that left none makes the build fail: silence is not green. */
Map call(Map args = [:]) {
  Map given = Arguments.of('spyreReport', args, Arguments.PROGRAM + [plan: Arguments.REQUIRED, history: true])
  Program program = new Program(this, given)
  dir(Program.FOLDER) { deleteDir() }
  List silent = fetch(given.plan.shards)
  List runDirs = foldersOf(findFiles(glob: "${Program.FOLDER}/shard-*/run.json"))
  if (!runDirs) error('report: not one shard left a result')

  List files = junitFolders(runDirs)
  program.run('merge', ['junit', 'merge'] + files + ['--out', "${Program.FOLDER}/all.xml"])
  int code = program.run('summarize', ['--json', 'junit', 'summarize'] + files, "${Program.FOLDER}/summary.json")
  Object summary = readJSON(file: "${Program.FOLDER}/summary.json")
  archiveArtifacts(artifacts: "${Program.FOLDER}/summary.json, ${Program.FOLDER}/all.xml")
  if (given.history) learn(program, runDirs)
  currentBuild.description = describe(given.plan.revision, summary.totals)

  if (silent) error("report: no result of ${silent.join(', ')}")
  program.settle(code, 'report')
  return [runDirs: runDirs, totals: summary.totals, conclusion: code == ExitCode.SUCCESS ? 'success' : 'failure']
}

/** Names the shards that have left nothing. */
private List fetch(List shards) {
  List silent = []
  for (shard in shards) {
    try {
      unstash("spyre-ci-shard-${shard.index}")
    } catch (Exception missing) {
      echo("shard ${shard.index}: ${missing.message}")
      silent << "shard ${shard.index}".toString()
    }
  }
  return silent
}

/** What was learnt makes the next plan better; a build is not worse for a history that cannot be reached. */
private void learn(Program program, List runDirs) {
  int code = program.run('history', ['history', 'import'] + runDirs)
  if (code != ExitCode.SUCCESS) echo("history: ${ExitCode.meaning(code)}; the next plan will know less")
}

@NonCPS
private List foldersOf(Object files) {
  List folders = []
  for (file in files) folders << file.path.replace('/run.json', '')
  folders.sort()
  return folders
}

@NonCPS
private List junitFolders(List runDirs) {
  List folders = []
  for (folder in runDirs) folders << "${folder}/junit".toString()
  return folders
}

@NonCPS
private String describe(String revision, Object totals) {
  int bad = 0
  for (outcome in ['failed', 'error', 'crashed', 'timed_out']) bad += (totals[outcome] ?: 0) as int
  String passed = "${totals.passed} of ${totals.collected} passed"
  return "${revision.take(12)}: ${passed}, ${bad} failed, ${totals.not_run} not run"
}
