/** More fields than a call has; each costs a try in every style. */
const MAX_FIELDS = 12;

const INTEGER = /^-?\d+$/;
const NUMBER = /^-?\d/;

/** Where Python begins to write exponents; JavaScript does from 1e21 up and below 1e-6. */
const PYTHON_LARGE = 1e16;
const PYTHON_SMALL = 1e-4;

interface NumberForm {
  readonly tokens: readonly string[];
  readonly name: string;
}

/**
 * The tokens of a JSON text with its numbers as they may have been before something parsed them: each field of
 * whole numbers alone as floating point, all of them together, and the shortest form of all.
 */
export function* numberForms(tokens: readonly string[]): Generator<NumberForm> {
  const fields = numberFields(tokens);
  const whole = [...new Set(fields.filter((_field, at) => INTEGER.test(tokens[at] ?? '')))].filter(
    field => field !== undefined,
  );
  const rewrite = (isFloat: (field: string) => boolean) =>
    tokens.map((token, at) => {
      const field = fields[at];
      return field === undefined ? token : asPython(token, isFloat(field));
    });
  // One field alone is the likeliest: a duration is a float where counts are not.
  for (const field of whole.slice(0, MAX_FIELDS)) {
    // Only the contract's own field is named: nothing of a payload is printed.
    const name = `, with ${field === 'duration' ? field : 'one field'} as a floating point number`;
    yield { tokens: rewrite(each => each === field), name };
  }
  if (whole.length !== 1) {
    yield { tokens: rewrite(() => true), name: ', with floating point numbers' };
  }
  const shortest = tokens.map((token, at) =>
    fields[at] === undefined ? token : JSON.stringify(Number(token)),
  );
  yield { tokens: shortest, name: ', with numbers in their shortest form' };
}

/** For each token that is a number: the name of the field that it is in. */
function numberFields(tokens: readonly string[]): readonly (string | undefined)[] {
  let field = '""';
  return tokens.map((token, at) => {
    if (tokens[at + 1] === ':') field = token;
    return NUMBER.test(token) ? (JSON.parse(field) as string) : undefined;
  });
}

/** As Python's repr() writes a float. */
function asPython(token: string, isFloat: boolean): string {
  if (INTEGER.test(token) && !isFloat) return token;
  const value = Number(token);
  const size = Math.abs(value);
  if (value !== 0 && (size >= PYTHON_LARGE || size < PYTHON_SMALL)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? '-0' : value}.0` : String(value);
}
