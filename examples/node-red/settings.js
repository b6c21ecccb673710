// Settings shared by every release under trial.
module.exports = {
  uiHost: '127.0.0.1',
  flowFile: 'flows.json',
  credentialSecret: false,
  diagnostics: { enabled: false },
  telemetry: { enabled: false, updateNotification: false },
  contextStorage: { default: { module: 'localfilesystem', config: { flushInterval: 0 } } },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};
