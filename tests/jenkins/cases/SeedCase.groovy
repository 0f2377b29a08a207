// SPDX-License-Identifier: Apache-2.0
import harness.Build
import harness.Case
import harness.JobDsl
import harness.PipelineError

/** The seed makes a job of every Jenkinsfile; the stand-in of Job DSL refuses what is not Job DSL. */
class SeedCase extends Case {
  private static final String SEED = new File(PROJECT, 'jenkins/jobs/seed.groovy').text
  private static final Map VARIABLES = [SPYRE_CI_REPOSITORY: 'https://git.test/ci', SPYRE_CI_VERSION: 'main',
                                        SPYRE_STACK_REPOSITORY: 'https://git.test/stack']

  void testAJobOfEveryJenkinsfile() {
    List jobs = JobDsl.run(SEED, VARIABLES)
    File project = PROJECT
    List files = new File(project, 'pipelines/jenkins').list().findAll { it.endsWith('.Jenkinsfile') }
    List names = files.collect { "spyre/${it - '.Jenkinsfile'}".toString() }
    assert jobs.findAll { it.kind != 'folder' }*.name.sort() == names.sort()
    jobs.findAll { it.kind == 'pipelineJob' }.each {
      assert new File(project, it['definition.cpsScm.scriptPath']).file
      assert it['definition.cpsScm.scm.git.remote.url'] == 'https://git.test/ci'
      assert it['definition.cpsScm.scm.git.branch'] == 'main'
      assert it.description
    }
  }

  void testJobsAskForAVersionThatIsThere() {
    String standard = new File(PROJECT, 'jenkins/casc/jobs.yaml').text.find(/SPYRE_CI_VERSION:-([^}]+)/) { it[1] }
    pytorch(test_a: [test_1: 'assert True'])  // a repository with the branch main and the tag v1
    [(standard): true, 'refs/tags/v1': true, 'refs/heads/main': true, 'v1': false].each { version, found ->
      List jobs = JobDsl.run(SEED, VARIABLES + [SPYRE_CI_VERSION: version]).findAll { it.kind == 'pipelineJob' }
      assert jobs
      assert jobs.every { canBeFetched(it['definition.cpsScm.scm.git.branch']) == found }
    }
  }

  void testASeededJobIsSetUpByItsFirstBuild() {
    List jobs = JobDsl.run(SEED, VARIABLES)
    List queued = controller.seed(jobs)
    assert queued == jobs.findAll { it.kind == 'pipelineJob' }*.name
    queued.each { String job ->
      assert controller.definitions[job] == [[name: 'SETUP_ONLY', value: true]]
      Build build = run(job: job, jenkinsfileOf(jobs, job))
      assert build.result == 'SUCCESS'
      assert !build.events.findAll { !(it.step in ['skipped', 'timeout', 'post']) }  // no node, no lock, no shell, no mail
      assert build.did('skipped')*.name == build.declared.stages*.name
      assert controller.triggers[job] == build.declared.triggers
      assert controller.definitions[job]*.name == build.declared.parameters*.name
      assert controller.definitions[job].find { it.name == 'SETUP_ONLY' }.value == false
    }
    assert controller.triggers.findAll { it.value }.keySet() ==
        ['spyre/nightly-pinned', 'spyre/upstream-main', 'spyre/staged', 'spyre/maintenance'] as Set
  }

  void testTheNextBuildHasTheDefaultsOfTheJenkinsfile() {
    pytorch(test_a: [test_1: 'assert True'])
    ['spyre', 'spyre-control'].each { controller.addNode("${it}-1", labels: [it]) }
    List jobs = JobDsl.run(SEED, VARIABLES)
    String nightly = 'spyre/nightly-pinned'
    String jenkinsfile = jenkinsfileOf(jobs, nightly).text.replace("'vfio:128'", "'cpu:1'").replace("'spyre', desc", "'', desc")
    controller.seed(jobs)
    2.times { run(job: nightly, jenkinsfile) }
    assert builds*.result == ['SUCCESS', 'SUCCESS']
    assert builds[1].did('sh').any { it.script.contains('select --rev pinned --stage 1') }
    // The seed changes the job: until it was built again, what is asked for with parameters tests nothing either.
    controller.seed(jobs)
    assert !controller.triggers[nightly]
    assert !run(job: nightly, parameters: [STAGE: '4', NOTIFY: 'team@example.org'], jenkinsfile).did('node')
    assert controller.triggers[nightly]*.spec == ['H 1 * * *']
  }

  void testASetUpSendsNoMail() {
    String pipeline = "node { %s }\nspyreNotify(to: 'team@example.org')"
    controller.addNode('one', labels: [])
    run(String.format(pipeline, "unstable('x')"))
    assert !run(parameters: [SETUP_ONLY: true], String.format(pipeline, "echo('x')")).did('mail')
  }

  void testNoStackNoJobForIt() {
    List jobs = JobDsl.run(SEED, VARIABLES + [SPYRE_STACK_REPOSITORY: ''])
    assert !jobs.any { it.kind == 'multibranchPipelineJob' }
  }

  void testWhatIsNotJobDslIsRefused() {
    refused(SEED.replace('scriptPath(', 'script('), "'definition.cpsScm.script' is unknown")
    refused(SEED.replace('pipelineJob(', 'pipeline('), "no 'pipeline'")
    refused(SEED.replace("folder('spyre')", "folder('other')"), "no folder 'spyre'")
    refused(SEED.replace('lightweight(true)', 'lightweight()'), 'takes one value')
    refused(SEED.replace("'SETUP_ONLY', true,", "'SETUP_ONLY',"), 'takes 3 values')
    refused(SEED.replace('queue("spyre/', 'queue("'), 'is no job of this seed')
  }

  private static File jenkinsfileOf(List jobs, String job) {
    new File(PROJECT, jobs.find { it.name == job }['definition.cpsScm.scriptPath'])
  }

  /** As the Git plugin reads a Jenkinsfile without a workspace: what is not a full name is a branch. */
  private boolean canBeFetched(String version) {
    String ref = version.startsWith('refs/') ? version : "refs/heads/${version}"
    ['git', 'ls-remote', '--exit-code', new File(root, 'pytorch').path, ref].execute().waitFor() == 0
  }

  private static void refused(String seed, String why) {
    PipelineError refusal = null
    try {
      JobDsl.run(seed, VARIABLES)
    } catch (PipelineError thrown) {
      refusal = thrown
    }
    assert refusal?.message?.contains(why)
  }
}
