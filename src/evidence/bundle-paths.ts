export const reportNames = ['report.html', 'junit.xml', 'ctrf.json'] as const;
export type ReportName = (typeof reportNames)[number];

/** The files that an attestation states the digests of. Objects are covered by the journal. */
export const subjectNames = ['journal.jsonl', 'result.json', 'markers.log', ...reportNames];

export type BundlePaths = {
  readonly root: string;
  readonly journal: string;
  readonly objects: string;
  readonly result: string;
  readonly markers: string;
  readonly attestation: string;
};

export const bundlePaths = (root: string): BundlePaths => ({
  root,
  journal: `${root}/journal.jsonl`,
  objects: `${root}/objects`,
  result: `${root}/result.json`,
  markers: `${root}/markers.log`,
  attestation: `${root}/attestation.intoto.jsonl`,
});

export const runsFolder = (store: string): string => `${store}/runs`;
export const bundleRoot = (store: string, run: string): string => `${store}/runs/${run}`;

/** Where an object lies, relative to the bundle. */
export const objectPath = (sha256: string): string => `objects/${sha256.slice(0, 2)}/${sha256}`;
