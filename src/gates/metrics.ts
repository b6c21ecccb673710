// One sample of a Prometheus text page (version 0.0.4).

const line = /^([a-zA-Z_:][\w:]*)(\{.*\})?\s+(\S+)(?:\s+-?\d+)?$/u;

/** The value of `name` or `name{label="value"}`, labels as the page writes them; undefined when absent. */
export function metricValue(page: string, sample: string): number | undefined {
  for (const each of page.split('\n')) {
    if (each.startsWith('#')) continue;
    const [, name, labels = '', value = ''] = line.exec(each.trim()) ?? [];
    if (`${name ?? ''}${labels}` !== sample) continue;
    const number = Number(value);
    return Number.isNaN(number) ? undefined : number;
  }
  return undefined;
}
