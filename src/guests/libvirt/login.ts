// The login that a libvirt wants and that nobody has written down for it (auth.conf): a person is asked for it, in the process that has
// the terminal, and the answers go through the channel to the process that calls libvirt, never into arguments or an environment.
// Reference: https://libvirt.org/auth.html
import type { LoginQuestion, Requests } from './protocol.js';

/**
 * Asks a person. Whoever asks the same of the same libvirt again is given the same answers.
 * @throws VirtDfError where there is nobody to be asked
 */
export type AskLogin = (
  uri: string | null,
  questions: readonly LoginQuestion[],
) => Promise<readonly string[]>;

/** Thrown by whoever opens a connection, so that the person has all the time of the world. */
export class LoginAsked extends Error {
  override readonly name = 'LoginAsked';
  readonly questions: readonly LoginQuestion[];

  constructor(questions: readonly LoginQuestion[]) {
    super('libvirt asks for a login');
    this.questions = questions;
  }
}

/** More often than any server asks: a name, a password, and something more. */
const MOST_ROUNDS = 4;

/**
 * What `open` gives, which throws LoginAsked as often as libvirt has another question.
 * @param ask null: nobody can be asked, and libvirt's own words say what is missing
 */
export async function withLogin<T>(
  uri: string | null,
  ask: AskLogin | null,
  open: (args: Requests['open']) => Promise<T>,
): Promise<T> {
  if (ask === null) return open({ uri });
  let answers: readonly string[] = [];
  for (let round = 0; ; round++) {
    const mayAsk = round < MOST_ROUNDS;
    try {
      return await open({ uri, login: { answers, mayAsk } });
    } catch (error) {
      if (!(error instanceof LoginAsked)) throw error;
      answers = [...answers, ...(await ask(uri, error.questions))];
    }
  }
}
