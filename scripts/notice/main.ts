// Writes NOTICE and sbom.cdx.json. Usage: npm run notice
import { writeFileSync } from 'node:fs';
import { noticeText } from './notice.js';
import { shippedParts } from './parts.js';
import { sbomText } from './sbom.js';

const parts = shippedParts();
writeFileSync('NOTICE', noticeText(parts));
writeFileSync('sbom.cdx.json', sbomText(parts));
