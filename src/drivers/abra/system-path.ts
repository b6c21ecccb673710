/** Where abra finds programs: nothing of the harness's own environment is handed on. */
export const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
