// The query that a question is about, in the process that was sent it.
import type { AnyQuery } from '../ask.js';
import type { Question } from '../question.js';

export async function queryOf(question: Question): Promise<AnyQuery> {
  switch (question.kind) {
    case 'df': {
      const { df } = await import('../df.js');
      return df(question.view, question.filter, question.hasReclaimable);
    }
    case 'tree': {
      const { tree } = await import('../tree.js');
      return tree(question.view, question.hasExclusive);
    }
    case 'du': {
      const { du } = await import('../du.js');
      return du(question.options);
    }
    case 'reclaim': {
      const { reclaim } = await import('../reclaim.js');
      return reclaim(question.view);
    }
    case 'pools': {
      const { pools } = await import('../pools.js');
      return pools(question.view, question.hasReclaimable);
    }
    case 'map': {
      const { map } = await import('../map.js');
      return map(question.options);
    }
    case 'diff': {
      const { diff } = await import('../diff.js');
      return diff(question.options);
    }
    case 'disks': {
      const { unreadDisks } = await import('../agent/unread.js');
      return unreadDisks;
    }
    case 'chain': {
      const { chain } = await import('../chain.js');
      return chain;
    }
  }
}
