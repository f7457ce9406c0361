/**
 * Reads a Dockerfile into stages, as far as ours uses the language: no heredocs, no ARG substitution, no ONBUILD.
 *
 * @typedef {{ instruction: string, text: string }} Step
 * @typedef {{ image: string, name: string, steps: Step[] }} Stage
 */

/**
 * @param {string} text
 * @returns {Stage[]}
 */
export function parseDockerfile(text) {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*#/.test(line))
    .join('\n')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  /** @type {Stage[]} */
  const stages = [];
  for (const line of lines) {
    const [, instruction = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line) ?? [];
    if (instruction.toUpperCase() === 'FROM') {
      const [, image = rest, name = ''] = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(rest) ?? [];
      stages.push({ image, name, steps: [] });
    } else {
      const stage = stages.at(-1);
      if (!stage) throw new Error(`Dockerfile: ${instruction} stands before the first FROM`);
      stage.steps.push({ instruction: instruction.toUpperCase(), text: rest });
    }
  }
  return stages;
}

/**
 * @param {Stage[]} stages
 * @returns {string[]} what is wrong with the image they describe
 */
export function dockerfileProblems(stages) {
  const last = stages.at(-1);
  if (!last) return ['Dockerfile: has no FROM'];
  const problems = [];
  for (const { image, name } of stages) {
    const isStage = stages.some((stage) => stage.name === image);
    if (!isStage && !/:[\w.-]*\d[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image)) {
      problems.push(`Dockerfile: stage ${name || image} starts from ${image}, which names no version`);
    }
  }
  const textOf = (instruction) =>
    last.steps.filter((step) => step.instruction === instruction).map((step) => step.text);
  const user = textOf('USER').at(-1) ?? 'root';
  if (!/^[1-9]\d*(:\d+)?$/.test(user)) problems.push(`Dockerfile: USER is ${user}; a number other than 0 is needed`);
  for (const instruction of ['CMD', 'HEALTHCHECK', 'STOPSIGNAL']) {
    if (textOf(instruction).length !== 1) problems.push(`Dockerfile: the last stage needs one ${instruction}`);
  }
  const environment = textOf('ENV').join(' ');
  for (const setting of ['NODE_ENV=production', 'HOST=0.0.0.0', 'DATA_DIR=/data']) {
    if (!environment.split(/\s+/).includes(setting)) problems.push(`Dockerfile: ENV ${setting} is missing`);
  }
  for (const command of textOf('CMD')) {
    if (!isStringArray(command)) problems.push('Dockerfile: CMD must be a JSON array, or a shell becomes process 1');
  }
  const probe = /CMD\s+(\[.*\])$/.exec(textOf('HEALTHCHECK')[0] ?? '')?.[1];
  if (!probe || !isStringArray(probe))
    problems.push('Dockerfile: HEALTHCHECK must be a JSON array: no shell is needed');
  if (stages.flatMap((stage) => stage.steps).some((step) => step.instruction === 'ADD')) {
    problems.push('Dockerfile: use COPY; ADD fetches and unpacks');
  }
  return problems;
}

function isStringArray(text) {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string');
  } catch {
    return false;
  }
}
