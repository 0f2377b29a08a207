// SPDX-License-Identifier: Apache-2.0
import groovy.io.FileType
import harness.CalledNames
import harness.Case
import harness.PipelineError
import harness.Plugins
import harness.StepTable

/** jenkins/plugins.txt has the plugins of everything that is used, and no other. */
class PluginsCase extends Case {
  private static final String LIST = new File(PROJECT, 'jenkins/plugins.txt').text

  private static Set<String> used() {
    File project = PROJECT
    List<File> files = []
    ['jenkins/vars', 'jenkins/src', 'jenkins/jobs', 'pipelines/jenkins'].each { String folder ->
      new File(project, folder).eachFileRecurse(FileType.FILES) { if (it.name =~ /\.(groovy|Jenkinsfile)$/) files << it }
    }
    Set ours = new File(project, 'jenkins/vars').list().collect { it.replaceAll(/\..*/, '') }
    return (files.collectMany { CalledNames.of(it.text) } as Set) - ours + configured()
  }

  /** The roots of the configuration as code, and what is configured under `unclassified`. */
  private static Set<String> configured() {
    new File(PROJECT, 'jenkins/casc').listFiles().collectMany { File file ->
      String global = file.text.find(/(?m)^unclassified:\n(?:  .*\n)+/) ?: ''
      file.text.findAll(/(?m)^(\w+):/) { it[1] } + global.findAll(/(?m)^  (\w+):/) { it[1] }
    }
  }

  void testEverythingThatIsUsedHasItsPluginAndNoPluginIsUnused() {
    assert !Plugins.problems(used(), Plugins.read(LIST).keySet())
  }

  void testWhatIsUsedIsFound() {
    assert used().containsAll(['timestamps', 'sh', 'readJSON', 'retry', 'Library', 'folder', 'lockableResourcesManager'])
    assert CalledNames.of("def call(Closure body) { mine(); body(); steps.sh('x'); a.b(); for (c in d) echo(c) }\n" +
                          'private void mine() { int d = 1; d() }') == ['sh', 'echo'] as Set
  }

  void testAMissingAnUnusedAndAnUnknownPluginAreFound() {
    Set plugins = Plugins.read(LIST).keySet()
    assert Plugins.problems(used(), plugins - 'timestamper') == ['timestamper is missing: [timestamps]']
    assert Plugins.problems(used(), plugins + 'ansicolor') == ['nothing needs ansicolor']
    assert Plugins.problems(used() + 'ansiColor', plugins) == ["no plugin is known to bring 'ansiColor'"]
    assert Plugins.problems(used() - 'mail', plugins) == ['nothing needs mailer']
  }

  void testEveryStepOfTheStandInHasItsPlugin() { assert !StepTable.NAMES.findAll { !Plugins.owners(it) } }

  void testEveryPluginHasItsVersion() {
    ['git', 'git:', 'git:latest', 'git:4.12.1 # new', 'git:4.12.1\ngit:5.0.0'].each { String wrong ->
      PipelineError refusal = null
      try {
        Plugins.read(wrong)
      } catch (PipelineError thrown) {
        refusal = thrown
      }
      assert refusal: wrong
    }
  }
}
