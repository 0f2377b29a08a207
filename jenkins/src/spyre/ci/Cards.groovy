// SPDX-License-Identifier: Apache-2.0
package spyre.ci

import com.cloudbees.groovy.cps.NonCPS

/** `vfio:24`: twenty-four cards, which each branch finds through vfio. */
class Cards implements Serializable {
  private static final long serialVersionUID = 1L

  static final List KINDS = ['auto', 'cpu', 'env', 'vfio'].asImmutable()

  /** [kind: 'vfio', count: 24]. A build without cards would test nothing, so that is an error. */
  @NonCPS
  static Map parse(String text) {
    List parts = text.tokenize(':')
    String kind = parts.size() == 2 ? parts[0] : ''
    String count = parts ? parts[-1] : ''
    if (!(kind in KINDS) || !(count ==~ /[1-9][0-9]{0,4}/)) {
      throw new IllegalArgumentException("cards '${text}': write KIND:N with N from 1 and KIND ${KINDS.join(', ')}")
    }
    return [kind: kind, count: count.toInteger()]
  }

  /** What --cards of one shard says. */
  @NonCPS
  static String ofShard(String kind, int count) {
    return kind == 'cpu' ? "cpu:${count}" : kind
  }

  /** The cards' addresses out of the names of locked resources, `node@0000:1a:00.0,node@0000:1b:00.0`. */
  @NonCPS
  static String addresses(String resources) {
    List found = []
    for (name in (resources ?: '').tokenize(', ')) {
      if (!name.contains('@')) {
        throw new IllegalArgumentException("the locked resource '${name}' names no card: call it NODE@PCI-ADDRESS")
      }
      found << name.tokenize('@').last()
    }
    return found.join(',')
  }
}
