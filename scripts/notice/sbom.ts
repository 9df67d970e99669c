// The list of parts (software bill of materials) in CycloneDX's JSON. It has no date and no serial number, so that the same
// packages give the same bytes.
// References: CycloneDX 1.6 JSON (https://cyclonedx.org/docs/1.6/json/); package URLs, type npm.
import { type Part, readJson } from './parts.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
}

/** All of sbom.cdx.json. */
export function sbomText(parts: readonly Part[]): string {
  const { name, version, description, license }: Manifest = readJson('package.json');
  const purl = purlOf(name, version);
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: {
        type: 'application',
        'bom-ref': purl,
        name,
        version,
        description,
        licenses: licencesOf(license),
        purl,
      },
    },
    components: parts.map(component),
  };
  return `${JSON.stringify(bom, null, 2)}\n`;
}

function component(part: Part): object {
  const { name, version, licence, isOptional, sha512, bundledIn } = part;
  const purl = purlOf(name, version);
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    scope: isOptional ? 'optional' : 'required',
    hashes: [{ alg: 'SHA-512', content: sha512 }],
    licenses: licencesOf(licence),
    purl,
    properties: bundledIn.map((file) => ({ name: 'virt-df:bundled-in', value: file })),
  };
}

/** One licence is named by its id, several by an expression. */
function licencesOf(licence: string): readonly object[] {
  return licence.includes(' ') ? [{ expression: licence }] : [{ license: { id: licence } }];
}

function purlOf(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}
