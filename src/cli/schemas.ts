// The JSON Schemas that Seatrial publishes, by name; `seatrial schema <name>` prints one.

type Published = { readonly summary: string; readonly render: () => Promise<object> };

export const schemas: Readonly<Record<string, Published>> = {
  seatrial: {
    summary: 'the manifest, seatrial.yaml',
    render: async () =>
      (await import('../scenario/manifest-json-schema.ts')).renderManifestSchema(),
  },
  report: {
    summary: 'seatrial report --format json',
    render: async () => (await import('../reporters/report-schema.ts')).reportSchema,
  },
};
