// A gates file as tests write it.

export const twoGates = `version: 1
target: {start: [node, server.mjs, --port, $port], ready: port}
gates:
  web_api:
    kind: http
    title: Web API posture
    env: {TOKEN: "$random:token"}
    checks:
      - id: gate.web.wrong-token
        request: {get: /api, headers: {X-Token: "$token-x"}}
        expect: {status: 403, json: {/error: forbidden}, absent: [/data]}
      - id: gate.web.right-token
        request: {get: /api, headers: {X-Token: $token}}
        expect: {status: 200, json: {/count: {min: 0}, /name: {same_as: /alias}}}
    canary:
      - {fault: web.any-token, red: gate.web.wrong-token}
      - {env: {TOKEN: other}, red: [gate.web.right-token]}
  release_note:
    kind: manual
    manual: {signers: [ops], evidence: [note.md]}
`;

export const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
