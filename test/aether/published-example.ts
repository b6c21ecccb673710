/** The example of the published language: checks clean, runs on the fake provider. */
export const publishedExample = `goal: "Digest today's errors"
policy:
  token_budget: 20_000
  mock_io: true
require:
  plugins:
    - "report_merger>=1.2,<2"
  capabilities: ["memory.read", "storage.write"]
parallel:
  sys: summarize(load_logs(tag="system"))
  usr: summarize(load_logs(tag="user"))
await sys, usr
flags: List[Anomaly] = detect_anomalies(sys)
on_error:
  - when: Timeout
    do: escalate_to("Ops")
transaction:
  - store(run_plugin("report_merger", [sys, usr]), tag="daily") as saved retry=2 timeout=30s
  - metrics({"flags": len(flags)})
`;
