// SPDX-License-Identifier: Apache-2.0
package harness

/** Takes the words of a block; a word that is not one of those known is an error. */
class Collector {
  private final String name
  private final Collection<String> words
  private final Build build
  private final Closure each

  Collector(String name, Collection<String> words, Build build, Closure each) {
    this.name = name
    this.words = words
    this.build = build
    this.each = each
  }

  Object invokeMethod(String word, Object given) {
    if (!(word in words)) {
      throw new PipelineError("${name}: unknown section, option or step '${word}'; there are ${words.join(', ')}")
    }
    return each(word, (given as Object[]) as List)
  }

  Object getProperty(String word) {
    if (word in ['any', 'none']) return word
    if (word in ['env', 'params', 'currentBuild']) return build.global(word)
    throw new PipelineError("${name}: '${word}' does not stand for anything here")
  }

  void setProperty(String word, Object value) { throw new PipelineError("${name}: no assignment here: ${word}") }
}
