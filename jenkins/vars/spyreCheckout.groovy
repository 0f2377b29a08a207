// SPDX-License-Identifier: Apache-2.0
import spyre.ci.Arguments
import spyre.ci.Program

/** Checks PyTorch out, and gives the commit: the same one for all that follows, though a branch may move on. */
String call(Map args = [:]) {
  Map given = Arguments.of('spyreCheckout', args, Arguments.PROGRAM + [revision: 'pinned', repo: '', into: 'pytorch'])
  List words = ['checkout'] + Program.flags(rev: given.revision, repo: given.repo, into: given.into)
  Object done = new Program(this, given).document("check out ${given.revision}", words, 'checkout')
  return done.revision as String
}
