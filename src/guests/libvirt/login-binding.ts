// The function of libvirt's that asks for a login by a callback, bound by koffi.
// References: libvirt include/libvirt/libvirt-host.h (virConnectCredential: 48 bytes, type, prompt at 8, challenge, defresult, result
// at 32, resultlen at 40; virConnectCredentialType; virConnectAuth)
import type { Koffi, Library, Pointer } from './pointer.js';
import type { LoginQuestion } from './protocol.js';

export interface LoginFunctions {
  /** Opens a connection; what libvirt asks for beyond the answers is put into `asked`, and the connection is none then. */
  readonly openWithLogin: (
    uri: string | null,
    isReadOnly: boolean,
    answers: readonly string[],
    asked: LoginQuestion[],
  ) => Pointer;
}

const CREDENTIAL_BYTES = 48;
const [PROMPT_AT, RESULT_AT] = [8, 32];
/** More than any server asks for at once. */
const MOST_AT_ONCE = 16;
/** VIR_CRED_AUTHNAME, _PASSPHRASE, _ECHOPROMPT, _NOECHOPROMPT, _REALM */
const KINDS = [2, 5, 6, 7, 8];
/** VIR_CRED_PASSPHRASE, _NOECHOPROMPT */
const SECRETS: ReadonlySet<number> = new Set([5, 7]);
/** VIR_CONNECT_RO */
const READ_ONLY = 1;

export function bindLogin(koffi: Koffi, library: Library): LoginFunctions {
  const proto = koffi.proto('int VirtDfLogin(void *credentials, uint count, void *data)');
  koffi.struct('virConnectAuth', {
    ...{ credtype: 'int *', ncredtype: 'uint' },
    ...{ cb: koffi.pointer(proto), cbdata: 'void *' },
  });
  const open: (uri: string | null, auth: object, flags: number) => Pointer = library.func(
    'void *virConnectOpenAuth(const char *uri, virConnectAuth *auth, uint flags)',
  );
  const read: (to: Uint8Array, from: Pointer, bytes: number) => void = library.func(
    'void *memcpy(_Out_ uint8_t *to, void *from, size_t n)',
  );
  const write: (to: Pointer, from: Uint8Array, bytes: number) => void = library.func(
    'void *memcpy(void *to, const uint8_t *from, size_t n)',
  );
  const copyOf: (text: string) => Pointer = library.func('void *strdup(const char *text)');
  /** The answer is a copy, which libvirt frees. */
  const give = (credential: bigint, answer: string): void => {
    const result = Buffer.alloc(CREDENTIAL_BYTES - RESULT_AT);
    result.writeBigUInt64LE(copyOf(answer) ?? 0n, 0);
    result.writeUInt32LE(Buffer.byteLength(answer), 8);
    write(credential + BigInt(RESULT_AT), result, result.length);
  };
  const question = (bytes: Buffer): LoginQuestion => {
    const prompt = koffi.decode(bytes.readBigUInt64LE(PROMPT_AT), 'char', -1) as string | null;
    return { prompt: prompt ?? '', isSecret: SECRETS.has(bytes.readInt32LE(0)) };
  };
  return {
    openWithLogin(uri, isReadOnly, answers, asked) {
      let given = 0;
      const callback = koffi.register((credentials: Pointer, count: number) => {
        if (credentials === null || count > MOST_AT_ONCE) return -1;
        for (let index = 0; index < count; index++) {
          const credential = credentials + BigInt(index * CREDENTIAL_BYTES);
          const bytes = Buffer.alloc(CREDENTIAL_BYTES);
          read(bytes, credential, CREDENTIAL_BYTES);
          const answer = answers[given++];
          if (answer === undefined) asked.push(question(bytes));
          else give(credential, answer);
        }
        return asked.length === 0 ? 0 : -1;
      }, koffi.pointer(proto));
      const credtype = Int32Array.from(KINDS);
      const auth = { credtype, ncredtype: KINDS.length, cb: callback, cbdata: null };
      try {
        return open(uri, auth, isReadOnly ? READ_ONLY : 0);
      } finally {
        koffi.unregister(callback);
      }
    },
  };
}
