/**
 * What is changed in a script, one match at a time: a name, a pattern and its replacement. Rules make scripts that
 * still parse, so that a test has to notice what they do.
 */

const ANY = [
  ['bound', / < /g, ' <= '],
  ['bound', / > /g, ' >= '],
  ['bound', / <= /g, ' < '],
  ['bound', / >= /g, ' > '],
  ['order', / > /g, ' < '],
  ['sum', / \+ /g, ' - '],
  ['sum', / - /g, ' + '],
  ['product', /(?<!SELECT) \* /g, ' / '],
  ['product', / \/ /g, ' * '],
  // Lengths, bounds and factors. Small ones are mostly positions, and break everything.
  [
    'number',
    /(?<![\w$'([]|fillfactor = )(?:[3-9]|\d{2,})(?![\w'])/g,
    text => String(Number(text) + 1),
  ],
];

export const LUA = [
  ...ANY,
  ['equality', / == /g, ' ~= '],
  ['equality', / ~= /g, ' == '],
  ['logic', / and /g, ' or '],
  ['logic', / or /g, ' and '],
  ['negation', /\bnot /g, ''],
  ['extreme', /math\.max/g, 'math.min'],
  ['rounding', /math\.floor/g, 'math.ceil'],
  ['call', /redis\.pcall/g, 'redis.call'],
  ['call', /\b(remember|expire)\([^\n]*\)$/gm, ''],
  ['condition', /(?<=\bif )[^\n]+?(?= then\b)/g, 'true'],
  ['condition', /(?<=\bif )[^\n]+?(?= then\b)/g, 'false'],
  // Statements of one line; what a missing local would break is no question.
  ['statement', /^ *(?:if|for) [^\n]* end$/gm, ''],
  ['statement', /^ *(?! |for\b|local\b)[\w.[\]' ]+? = [^\n]*$/gm, ''],
  ['statement', /^ *redis\.p?call\([^\n]*\)$/gm, ''],
  ['statement', /^ +return [^\n]*$/gm, ''],
  ['field', /, '[acfn]'(?: \.\. \w+)?, [\w.[\]' ]+?(?=[,)])/g, ''],
];

const ASSIGNED = String.raw`\w+ = (?:GREATEST\([^)]*\)|[\w.']+(?: (?:\+|\|\|) [\w. *]+)?)`;

export const SQL = [
  ...ANY,
  ['equality', /(?<=\bd\.\w+|p_step|\)) = /g, ' <> '],
  ['equality', / <> /g, ' = '],
  ['equality', / IS DISTINCT FROM /g, ' IS NOT DISTINCT FROM '],
  ['negation', / IS NULL\b/g, ' IS NOT NULL'],
  ['negation', / IS NOT NULL\b/g, ' IS NULL'],
  ['logic', /(?<!BETWEEN \w+) AND /g, ' OR '],
  ['logic', /(?<!CREATE) OR /g, ' AND '],
  ['negation', /\bNOT (?=FOUND|v_left|IN|BETWEEN)/g, ''],
  ['term', / AND \w+\.\w+ [=<>]+ \w+(?:\.\w+)?/g, ''],
  ['term', /\b\w+\.\w+ = \w+ AND /g, ''],
  ['term', / AND expires_at >= [^\n]*/g, ''],
  ['term', / OR (?:d\.key = p_body|position\([^\n]*? > 0)/g, ''],
  ['term', / WHERE noted\.[^\n]*/g, ''],
  ['extreme', /GREATEST(?=\()/g, 'LEAST'],
  ['rounding', /\bfloor(?=\()/g, 'ceil'],
  ['rounding', /\bceil(?=\()/g, 'floor'],
  ['literal', /\btrue\b/g, 'false'],
  ['literal', /\bfalse\b/g, 'true'],
  ['literal', /'in_progress' ELSE 'completed'/g, "'completed' ELSE 'in_progress'"],
  ['order', / DESC\b/g, ' ASC'],
  ['order', /d\.key = p_body DESC, /g, ''],
  ['order', /(?<=[\s,])position\([^\n]*? > 0 DESC,?/g, text => (text.endsWith(',') ? '' : 'd.key')],
  ['order', / ORDER BY expires_at/g, ''],
  ['lock', / FOR UPDATE SKIP LOCKED/g, ''],
  ['lock', / FOR UPDATE(?=;)/g, ''],
  ['lock', / SKIP LOCKED/g, ''],
  ['bounds', / LIMIT \$\{\w+\}/g, ''],
  ['clock', /\bclock_timestamp\(\)/g, 'now()'],
  ['condition', /(?<=\b(?:ELS)?IF )(?!NOT EXISTS)[^\n]+(?= THEN\b)/g, 'true'],
  ['condition', /(?<=\b(?:ELS)?IF )(?!NOT EXISTS)[^\n]+(?= THEN\b)/g, 'false'],
  [
    'conflict',
    /ON CONFLICT \([^)]*\) DO UPDATE SET[^;]*?(?=\s+RETURNING)/g,
    'ON CONFLICT DO NOTHING',
  ],
  ['column', new RegExp(String.raw`(?<=(?:SET|,)\s+)${ASSIGNED},`, 'g'), ''],
  ['column', new RegExp(String.raw`,\s+${ASSIGNED}(?=\s+(?:WHERE|RETURNING))`, 'g'), ''],
  ['statement', /^ *(?:PERFORM|RAISE|RETURN(?! QUERY)|CREATE INDEX|COMMENT ON)\b[^;]*;/gm, ''],
  ['statement', /^ *[\w.]+ := [^;]*;/gm, ''],
  ['statement', /^ *UPDATE [^;]*;/gm, ''],
  ['exists', / IF NOT EXISTS/g, ''],
  ['table', / WITH \(fillfactor = 90\)/g, ''],
];
