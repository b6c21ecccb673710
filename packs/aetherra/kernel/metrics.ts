// The page for Prometheus. Reading it changes nothing that it says.

type Sample = {
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  /** Label pairs as they are written, without braces, and the value. */
  readonly values: readonly (readonly [string, number])[];
};

export const renderMetrics = (samples: readonly Sample[]): string =>
  samples
    .map(({ name, type, help, values }) => {
      const lines = values.map(
        ([labels, value]) => `${name}${labels === '' ? '' : `{${labels}}`} ${String(value)}\n`,
      );
      return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
    })
    .join('');
