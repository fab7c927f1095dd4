"""Records Jinja2's answers to small templates as jinja_answers.json, beside this file.

Needs jinja2 3.1. Each line of the lists below is a template; CONTEXT is what they see.
"""

import datetime
import json
import pathlib

import jinja2.ext
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

CONTEXT = {
    "s": "Hello, World",
    "empty": "",
    "u": "Grüße 世界 🦙!",
    "lines": "one\n two\r\n\nthree \n",
    "n": 7,
    "z": 0,
    "neg": -7,
    "f": 2.5,
    "big": 1e16,
    "yes": True,
    "no": False,
    "nil": None,
    "xs": [3, 1, 2],
    "words": ["pear", "Apple", "fig", "apple"],
    "d": {"a": 1, "b": [1, 2], "items": "mine", "c": {"x": None}},
    "people": [
        {"name": "Ann", "age": 30, "city": "Oslo", "tags": ["a"]},
        {"name": "bob", "age": 25, "city": "Rome", "tags": []},
        {"name": "Cid", "age": 30, "city": "oslo"},
    ],
    "html": "<b>\"x\" & 'y'</b>",
    "nested": [{"v": 1, "c": [{"v": 2, "c": [{"v": 3}]}, {"v": 4}]}],
}

EXPRESSIONS = r"""
1 + 2 * 3
2 ** 3 ** 2
-2 ** 2
7 // 2
-7 // 2
7 // -2
-7 % 3
7 % -3
7.5 // 2
-7.5 % 2
7.5 % -2
1 / 2
4 / 2
2 ** -1
2 ** 0.5
1e3
1e16
1e15
123456789012345680.0
1e-4
1e-5
0.1 + 0.2
1.0
-0.0
1_000
0xff
0b101
0o17
100 * 1.1
3 * 'ab'
'ab' * 0
[1, 2] * 2
[1] + [2]
(1, 2) + (3,)
'a' + 'b'
'a' ~ 1 ~ none ~ true ~ 1.5
1 + true
true + true
-true
+yes
1 == 1.0
1 == true
'1' == 1
[1, 2] == [1.0, 2]
(1,) == [1]
{'a': 1} == {'a': 1.0}
none == none
none == false
missing == also_missing
1 != 2
1 < 2 < 3
1 < 3 < 2
1 < 2 == 2
'a' < 'b'
'Z' < 'a'
[1, 2] < [1, 3]
(1, 2) < (1, 2, 3)
1 <= 1.0 >= 1
'ell' in s
'x' not in s
1 in xs
1.0 in xs
9 not in xs
'a' in d
'' in ''
'a' in missing
not yes
not not empty
yes and no
0 or 'x'
'' or none
1 and 2
xs and empty
1 if yes else 2
1 if no
'a' if no else 'b' if no else 'c'
1 if yes if no else 3
(1 if no) is defined
xs[0]
xs[-1]
xs[5]
xs[5] is defined
xs[1:]
xs[:-1]
xs[::-1]
xs[::2]
xs[5:]
xs[-100:100]
xs[2:0:-1]
s[0]
s[-1]
s[100]
s[1:4]
s[::-1]
u[6]
u[9]
u[9:]
u[:-2]
u[::-1]
u|length
(1, 2, 3)[1]
(1, 2, 3)[::2]
d.a
d['a']
d.b[1]
d.items
d['items']
d.items()|list
d.keys()|list
d.values()|list
d.c.x
d.zzz
d.get('a')
d.get('zzz')
d.get('zzz', 5)
d.get('c').x
d|length
d|list
d|items|list
d|string
xs.0
people[0].name
people|length
s.upper()
s['upper']()
missing
missing is defined
missing is undefined
missing|default('x')
missing|default
empty|default('x')
empty|default('x', true)
empty|d('x', boolean=True)
nil|default('x')
nil
nil is none
none
true
True
[true, false, none, 1, 1.5, 'a']
[]
{}
()
(1,)
(1, 2)
{'a': [1, {'b': 'c'}], 'd': none}
{1: 2, 'x': 3.0, none: true}
{'a': 1, 'a': 2}
['it\'s', "say \"x\"", 'both \' and "', 'back\\slash', 'new\nline', 'tab\t', '\x00\x7f', 'é世🦙', '\u200b\ue000\u00a0']
"a" 'b' "c"
'\x41\u00e9\U0001F999'
'\d\q'
range(3)
range(3)|list
range(1, 10, 3)|list
range(5, 0, -2)|list
range(0)|list
range(5)[2]
range(5)|length
range(3)|sum
range(1, 10, 3)
2 in range(3)
range(100001)
dict(a=1, b=2)
dict(d, z=1)
dict([('a', 1)])
namespace(a=1).a
s|upper
s|lower
s|title
s|capitalize
'hello wORLD-foo bar_baz (x) [y] {z} <w> 1st'|title
'straße'|upper
'ǆ'|capitalize
"they're bill's"|title
"they're bill's".title()
'hello WORLD'.capitalize()
'Hello'.swapcase()
'  x  '|trim
'xxaxx'|trim('x')
'abcabc'|trim('ab')
'  x '|trim ~ '|'
'\u00a0x\u2003'|trim
s|replace('l', 'L')
s|replace('l', 'L', 1)
s|replace('', '-')
'abc'|replace('', '-', 2)
1234|replace(2, 'x')
s|length
s|list
s|first
s|last
s|reverse
xs|reverse|list
xs|first
xs|last
empty|first
[]|last
[]|first is defined
xs|length
xs|count
xs|sum
people|sum('age')
people|sum(attribute='age', start=100)
[1.5, 2]|sum
xs|join
xs|join(', ')
people|join(', ', attribute='name')
[1, none, true, 'x', missing]|join('|')
words|sort
words|sort(true)
words|sort(case_sensitive=true)
words|sort(reverse=true)
people|sort(attribute='age')|map(attribute='name')|list
people|sort(attribute='age,name', reverse=true)|map(attribute='name')|list
people|sort(attribute='city')|map(attribute='name')|join(' ')
[3.5, 1, true]|sort
[[2, 1], [1, 5], [1, 2]]|sort
xs|min
xs|max
words|min
words|max(case_sensitive=true)
[]|min
people|max(attribute='age')
words|unique|list
words|unique(case_sensitive=true)|list
[1, 1.0, true, 2]|unique|list
people|unique(attribute='city')|map(attribute='name')|list
people|map(attribute='name')|list
people|map(attribute='tags', default='none')|list
people|map(attribute='tags.0', default='?')|list
words|map('upper')|list
words|map('replace', 'p', 'b')|list
words|map('length')|sum
xs|select('odd')|list
xs|select|list
[0, 1, '', 'x', none]|select|list
[0, 1, '', 'x', none]|reject|list
xs|select('gt', 1)|list
xs|reject('gt', 1)|list
xs|select('in', [1, 2])|list
people|selectattr('tags')|map(attribute='name')|list
people|selectattr('tags', 'defined')|map(attribute='name')|list
people|selectattr('age', 'equalto', 30)|map(attribute='name')|list
people|selectattr('age', '==', 30)|list|length
people|rejectattr('age', 'lt', 30)|map(attribute='name')|list
people|rejectattr('tags')|map(attribute='name')|list
people|groupby('city')
people|groupby('age')|map('first')|list
people|groupby('tags', default='none')|map(attribute='grouper')|list
(people|groupby('city'))[0].list|length
people|groupby('city', case_sensitive=true)|map(attribute='grouper')|list
d|dictsort
{'b': 1, 'A': 3, 'c': 2}|dictsort
{'b': 1, 'A': 3, 'c': 2}|dictsort(true)
{'b': 1, 'A': 3, 'c': 2}|dictsort(by='value')
{'b': 1, 'A': 3, 'c': 2}|dictsort(false, 'value', true)
range(7)|batch(3)|list
range(7)|batch(3, 'x')|list
range(7)|slice(3)|list
range(7)|slice(3, 'x')|list
range(2)|slice(4)|list
'abcde'|batch(2)|list
'abcde'|slice(2)|list
-3|abs
(-3)|abs
-2.5|abs
-2|string
5|float
'2.5'|float
'x'|float
'x'|float(1.5)
' 1_0.5e1 '|float
'inf'|float
'1e400'|float
none|float(3.0)
'42'|int
'42.9'|int
'x'|int
'x'|int(-1)
'ff'|int(base=16)
'0xff'|int(0, 16)
'0b11'|int(0, 0)
' 1_000 '|int
'1__0'|int
-2.9|int
none|int(4)
true|int
[]|int(9)
2.5|round
3.5|round
-2.5|round
2.675|round(2)
1234.5|round(-2)
42|round
1250|round(-2)
1350|round(-2)
42.55|round(1, 'floor')
42.51|round(1, 'ceil')
42.1|round(method='ceil')
7|round(method='floor')
1.5|round|int
html|escape
html|e
html|forceescape
html|safe
html|striptags
'<!-- c --> a  <i>b</i>\n &lt;x&gt; &amp;amp; &#65;&#x42;'|striptags
'a b/c?d=é&x'|urlencode
{'a b': 'c/d', 'e': 1}|urlencode
[('k', 'v w')]|urlencode
5|urlencode
'foo bar baz qux'|truncate(9)
'foo bar baz qux'|truncate(9, true)
'foo bar baz qux'|truncate(11)
'foo bar baz qux'|truncate(11, leeway=0)
'foo bar baz qux'|truncate(9, end='')
'foobarbazqux'|truncate(6, leeway=0)
'foo bar, baz_qux 12 -- x'|wordcount
'the quick brown fox jumps over the lazy dog'|wordwrap(10)
'abcdefghijkl mno'|wordwrap(5)
'abcdefghijkl mno'|wordwrap(5, false)
'a well-known state-of-the-art thing'|wordwrap(12)
'a well-known state-of-the-art thing'|wordwrap(12, break_on_hyphens=false)
'one two\n\nthree four five'|wordwrap(9, wrapstring='|')
'  lead and   gaps   here '|wordwrap(8)
'x'|center(5) ~ '|'
'xy'|center(5) ~ '|'
'x'|center(4) ~ '|'
lines|indent
lines|indent(2, true)
lines|indent(2, blank=true)
lines|indent('>> ')
''|indent
'a'|indent(2, true)
'%s is %d and %.2f'|format('x', 3, 2.5)
'%(a)s-%(b)05d'|format(a='x', b=42)
'%5s|%-5s|%05d|%+d|% d'|format('a', 'b', 42, 3, 4)
'%x %X %o %#x %e %g %G'|format(255, 255, 8, 255, 12345.678, 0.00001234, 1e20)
'%g %g %g %g'|format(100000, 1000000, 1.5, 0.0001)
'%r %s %%'|format('x', none)
'%c%c'|format('x', 65)
'%*d|%.*f'|format(5, 42, 2, 3.14159)
'%.3s|'|format('abcdef')
'%d'|format(3.99)
'%s' % 'x'
'%s %s' % (1, 2)
'%s' % [1]
'%(x)s' % {'x': 1}
'%5.1f|%-8.3e|%08.2f' % (3.14159, 31415.9, -3.14159)
'%i%u' % (1, 2)
'%.0f %.0f %.0f' % (0.5, 1.5, 2.5)
'%#.0f %#g' % (1.0, 1.0)
'%s' % none
'{} {}'.format(1, 'a')
'{1} {0}'.format(1, 'a')
'{a} {b!r}'.format(a=1, b='x')
'{:>5}|{:<5}|{:^5}|{:*^5}'.format('a', 'b', 'c', 'd')
'{:5}|{:5}'.format('a', 1)
'{:05d} {:+d} {: d} {:,} {:_}'.format(42, 3, 4, 1234567, 1234567)
'{:.2f} {:8.3f} {:e} {:g} {:%} {:.1%}'.format(3.14159, 2.5, 12345.678, 0.0001, 0.25, 0.256)
'{:x} {:X} {:o} {:b} {:#x}'.format(255, 255, 8, 5, 255)
'{0[a]} {0[b][1]}'.format(d)
'{{}} {}'.format(1)
'{:{}}|'.format('x', 4)
'{:.3}'.format('abcdef')
'{:.3}'.format(3.14159)
'{:=+6}'.format(5)
'{:^6}|'.format('abc')
'{}'.format(none)
'{:,.2f}'.format(1234567.891)
s.split()
s.split(', ')
'a,b,c'.split(',', 1)
'a,b,c'.rsplit(',', 1)
' a  b c '.split()
' a  b c '.split(none, 1)
' a  b c '.rsplit(none, 1)
'aXXbXXc'.split('XX')
''.split()
''.split(',')
'a,'.split(',')
lines.splitlines()
lines.splitlines(true)
s.strip('Hd')
'  x '.lstrip() ~ '|'
'  x '.rstrip() ~ '|'
'xxabcxx'.strip('x')
'\n\tx\n'.strip()
s.startswith('Hell')
s.startswith(('x', 'H'))
s.endswith('ld')
s.startswith('ello', 1)
s.endswith('ell', 0, 4)
''.startswith('')
s.find('o')
s.find('o', 5)
s.rfind('o')
s.find('zz')
s.index('W')
u.find('🦙')
u.find('!')
s.count('l')
s.count('')
'aaaa'.count('aa')
s.replace('l', 'x', 2)
s.replace('o', '')
', '.join(words)
'-'.join('abc')
s.partition(', ')
s.rpartition('o')
s.partition('zz')
s.rpartition('zz')
s.removeprefix('He')
s.removesuffix('ld')
s.removeprefix('x')
'7'.zfill(3)
'-7'.zfill(4)
'a'.center(4) ~ '|'
'ab'.center(5, '*')
'abc'.center(6, '*')
'a'.ljust(3, '.')
'a'.rjust(3, '.')
'a\tbc\td'.expandtabs(4)
s.isalpha()
'abc'.isalpha()
'12'.isdigit()
''.isdigit()
'a1'.isalnum()
' \t'.isspace()
'ABC'.isupper()
'abC'.islower()
'Title Case'.istitle()
'x_1'.isidentifier()
'é'.isascii()
'½'.isnumeric()
'a'.casefold()
xs.index(1)
xs.count(3)
xs.copy()
d.copy() == d
(1, 2, 1).count(1)
n is odd
n is even
n is divisibleby 7
n is divisibleby(2)
n is not divisibleby 2
n is number
f is float
n is float
n is integer
yes is integer
yes is boolean
yes is true
n is true
no is false
s is string
xs is string
xs is iterable
n is iterable
s is iterable
xs is sequence
d is sequence
d is mapping
xs is mapping
missing is iterable
missing is sequence
range is callable
s is callable
s.upper is callable
n is eq 7
n is == 7
n is ne 7
n is gt 3
n is ge 7
n is lt 3
n is le 7
n is greaterthan 3
n is lessthan 3
n is equalto(7)
n is in [7]
n is in(xs)
'a' is in 'abc'
'abc' is lower
'ABC' is upper
nil is sameas none
'upper' is filter
'nope' is filter
'odd' is test
not n is odd
n is odd and f is float
n is not none and n > 3
d.a is defined and d.zzz is not defined
s is string and s|length > 3
xs is defined and xs
d|tojson
xs|tojson
people|tojson
u|tojson
u|tojson(ensure_ascii=true)
html|tojson
'a/b\\c"\n\t\x01\x7f\u2028'|tojson
[1.0, 1e20, 0.1, true, none]|tojson
d|tojson(indent=2)
[]|tojson(indent=2)
[[], {}]|tojson(indent=1)
d|tojson(separators=(',', ':'))
{'b': 1, 'a': 2}|tojson(sort_keys=true)
{'b': 1, 'a': [1]}|tojson(indent=4, sort_keys=true)
(1, 2)|tojson
{1: 'x', none: 'y', true: 'z', 1.5: 'w'}|tojson
d|tojson(indent='\t')
[1]|tojson(indent=0)
missing|tojson
n|tojson
nil|tojson
d|pprint
'x'|pprint
people[0]|attr('name')
s|attr('upper')
namespace(a=1)|attr('a')
d.items() is iterable
d.items()|length
d.items()
d.keys()
d.values()
xs|map('string')|join
xs|list|string
strftime_now('%Y-%m-%d')
strftime_now('%d %b %Y')
strftime_now('%A %B %a %j %H:%M:%S %p %I %y %% %w %-d %e %F %T %U %W %V %G %u %c %x %X %D %f')
missing.foo
missing[0]
missing()
missing + 1
missing < 1
missing|int
missing|length
missing|list
missing|upper
nil.foo
nil.foo.bar
nil()
s()
n.foo
xs.append(4)
d.update({})
d.pop('a')
xs.pop()
xs.sort()
s.__class__
s.__class__.__mro__
xs['__len__']
d._private
s.format.__globals__
1 + 'a'
'a' + 1
[] + ()
1 < 'a'
none < 1
{} < {}
1 in 2
1 in 'a'
'a' in none
1 / 0
1 // 0
1 % 0
1.0 / 0
xs|sort|join|nofilter
1 is nofilter
d[xs]
{xs: 1}
'abc'.index('z')
xs.index(99)
s.split('')
'abc'.center(5, 'xx')
'%d' % 'x'
'%d %d' % (1,)
'%d' % (1, 2)
'%q' % 1
'{'.format()
'{} {}'.format(1)
'{x}'.format()
[1, 'a']|sort
[1, 'a']|sum
['a']|sum
xs|batch(0)|list
s|round
xs|first.foo
range('a')
range(1, 2, 0)
xs[::0]
''|join(5)
','.join([1])
5|join
5|list
5|length
none|length
none|list
raise_exception('my message')
n|abs|string|length
xs|map('nofilter')|list
s|truncate(2)
d|dictsort(by='x')
[{'a': 1}, {'a': 'x'}]|map(attribute='a')|list
cycler('a', 'b').next()
joiner('x')()
(xs|map('odd'))
[1, 2, 3] | select('odd') | first
[[1, 2], [3]] | map('first') | list
[[1, 2], [3]] | sum(start=[])
words|map('first')|map('upper')|join
xs|sort|reverse|first
s|upper|lower == s|lower
'%s' % s|upper
-xs[0]|abs
(-xs[0])|abs
n * -1
n - -1
n -1
not s == 'x'
'a' ~ 'b' * 2
1 ~ 2 + 3
'a' if s is string else 'b'
foo.bar is defined
d.zzz.foo is defined
d.zzz.foo
xs|length == 3 and 'yes' or 'no'
{'a': 1}.a
{'a': {'b': 2}}['a']['b']
[1, 2, 3][-1]
'abc'[1]
(1).foo is defined
1.5.is_integer()
2.0.is_integer()
loop
caller
'x'.join
s.upper
range
[1, [2, [3, (4, {5: 6})]]]
1 == 1 == 1
1 in [1] == true
'a' 'b'.upper()
'%%' % ()
'%s|%s' % ('a', missing)
xs|join(missing)
u.upper()
u.title()
'ß'.capitalize()
'İ'.lower()
'ΑΣ'.lower()
'ﬁ'.upper()
'ﬁx'.title()
'\ud83e'|length
9223372036854775807
9223372036854775807.0
1e308 * 10
-1e308 * 10
(1e308 * 10) - (1e308 * 10)
5e-324
1.7976931348623157e308
123456.789e3
0.1
1/3
2/3
1e22
1e21 + 1
3.0 * 2
10 ** 15
10.0 ** 15
10.0 ** 16
1.5 // 0.1
3e-324
2e-323
2e23
9007199254740993
9007199254740993 == 9007199254740992.0
9007199254740993 > 9007199254740992.0
s.split(none, 0)
' a b '.rsplit(none, 0)
'a,b,c'.split(',', 0)
'{:{}{}}'.format('x', '>', 4)
u.rfind('🦙')
u.find('世', 3, 8)
u.index('界')
'é' < '🦙'
'\uffff' < '🦙'
['b', 'a'] < ['b', 'b']
xs == xs|list
d.items()|first
d|first
d|last
{'x': none}.x is none
d['c']['x'] is none
[none]|first is none
[[none, 1]]|map('first')|list
[{'k': none}]|groupby('k')|map(attribute='grouper')|list
'%s'|format(none)
'%s and %s'|format('a')
xs|map('abs')|map('string')|join('+')
s|indent(width=2)
lines|trim|indent(3)
xs|tojson(indent=none)
{'é': 'ü'}|tojson
{'a': {'b': []}}|tojson(indent=2)
missing|tojson(indent=2)
s|upper|first
s is upper
'' is lower
(1, 2) is sequence
range(3) is sequence
d.items() is sequence
d.items is defined
d.update is defined
d.update
xs.append is defined
s.__class__ is defined
xs|attr('append') is defined
n == 7 and n
'a' < 'b' < 'c'
[] or {} or none
1 is not none is not none
xs | length | string ~ 'x'
xs | length ~ 'x' | upper
3 is odd and 4 is even
2 is odd or 4 is even
not 2 is odd
'abc' | replace('a', 'b') | upper
people[-1]['tags'] is defined
people[0]['tags'][0]
people[5].name
people[0].tags[5]
people|map(attribute='age')|sum // 2
'a-b_c'.split('-')[1].split('_')
'<think>\nabc\n</think>\n\nx'.split('</think>')[-1].lstrip('\n')
'<think>a</think>b'.split('</think>')[0].rstrip('\n').split('<think>')[-1].lstrip('\n')
'x'.join(['a'])
''.join([])
s[:5] ~ s[-5:]
s[-100:3]
s[3:1]
s[none:3]
xs[-1:]
xs[:-10]
xs[::-2]
xs[1:100:2]
range(10)[2:5]
range(10)[::-3]|list
-1 // 0.3
5 % 0.3
""".strip().split("\n")

TEMPLATES = [
    "a\n{% if yes %}\nb\n{% endif %}\nc\n",
    "a\n  {% if yes %}\n  b\n  {% endif %}\nc",
    "a {%- if yes -%} b {%- endif -%} c",
    "a\n{%+ if yes %}\nb{% endif +%}\nc",
    "  {%+ if yes %}x{% endif %}",
    "x  {% if yes %}y{% endif %}  z",
    "{{ s }}\n{{ n }}\n\n",
    "{{- s -}}  \n x",
    "a {{- s -}} b",
    "a\n {{ s }} \n b",
    "{# c #}\nx",
    "a {#- c -#} b",
    "  {# c #}  x",
    "a\n   {# c #}\nb",
    "{#- c #}x{# d -#}  y",
    "{% raw %}{{ x }}{% y %}{% endraw %}",
    "{% raw -%}  {{ x }}  {%- endraw %}z",
    "{% raw %}\n{{ x }}\n{% endraw %}\nz",
    "a\n  {% raw %}\n  b\n  {% endraw %}\nc",
    "x\r\ny\rz\n",
    "{{ '{{' }}{{ '%}' }}",
    "{{ {'a': {'b': 1}}['a']['b'] }}",
    "{{ {'a': {'b': {}}} }}",
    "\n\n{% set x = 1 %}\n\n{{ x }}\n\n",
    "{% if no %}a{% elif n == 7 %}b{% else %}c{% endif %}",
    "{% if no %}a{% elif no %}b{% else %}c{% endif %}",
    "{% if no %}a{% elif no %}b{% endif %}.",
    "{% if missing %}a{% else %}b{% endif %}",
    "{% for x in xs %}{{ x }},{% endfor %}",
    "{% for x in [] %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in missing %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in nil %}{% endfor %}",
    "{% for x in 5 %}{% endfor %}",
    "{% for c in 'aé🦙' %}[{{ c }}]{% endfor %}",
    "{% for k in d %}{{ k }} {% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|items %}{{ k }}={{ v }};{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for (a, b) in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
    "{% for x in xs if x > 1 %}{{ loop.index }}/{{ loop.length }}:{{ x }} {% endfor %}",
    "{% for x in xs if x > 9 %}x{% else %}none{% endfor %}",
    "{% for x in xs %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}"
    "{{ loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}{{ loop.depth0 }};{% endfor %}",
    "{% for x in xs %}{{ loop.previtem }}<{{ x }}<{{ loop.nextitem }};{% endfor %}",
    "{% for x in xs %}{{ loop.previtem is defined }}{{ loop.nextitem is defined }}{% endfor %}",
    "{% for x in xs %}{{ loop.cycle('a', 'b') }}{% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{{ loop.changed(x) }} {% endfor %}",
    "{% for x in [1, 2] %}{% for y in [3, 4] %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}"
    "{{ loop.index }};{% endfor %}",
    "{% for x in [1, 2] %}{% set outer = loop %}{% for y in [3, 4] %}{{ outer.index }}"
    "{{ loop.index }} {% endfor %}{% endfor %}",
    "{% for i in nested recursive %}[{{ i.v }}@{{ loop.depth }}"
    "{% if i.c %}{{ loop(i.c) }}{% endif %}]{% endfor %}",
    "{% for i in nested %}{{ loop(i.c) }}{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in xs %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in xs %}{% break %}{% else %}none{% endfor %}",
    "{% for x in xs %}{% for y in xs %}{% if y == 2 %}{% break %}{% endif %}{{ y }}{% endfor %};"
    "{% endfor %}",
    "{% for x in range(3) %}{% with %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endwith %}"
    "{% endfor %}",
    "{% for x in xs|reverse %}{{ x }}{{ loop.last }}{% endfor %}",
    "{% for x in xs|select('odd') %}{{ x }}{% if not loop.last %},{% endif %}{% endfor %}",
    "{% for g in people|groupby('city') %}{{ g.grouper }}:{{ g.list|map(attribute='name')|join('+') }} "
    "{% endfor %}",
    "{% for city, list in people|groupby('city') %}{{ city }}{{ list|length }}{% endfor %}",
    "{% set x = 1 %}{% for i in [1, 2] %}{{ x }}{% set x = x + 1 %}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if yes %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% set x = 1 %}{% with %}{% set x = 2 %}{{ x }}{% endwith %}{{ x }}",
    "{% set ns = namespace(x=0, y='a') %}{% for i in xs %}{% set ns.x = ns.x + i %}{% endfor %}"
    "{{ ns.x }}{{ ns.y }}",
    "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns.b is defined }}{{ ns.b }}",
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns['b'] }}",
    "{% set d.a = 1 %}",
    "{% set s.a = 1 %}",
    "{% set a, b = 1, 2 %}{{ a }}{{ b }}",
    "{% set a = 1, 2 %}{{ a }}",
    "{% set a, b = [1] %}",
    "{% set x %}a{{ n }}b{% endset %}[{{ x }}]",
    "{% set x | upper | replace('A', 'z') %}a{{ n }}b{% endset %}[{{ x }}]",
    "{% set x %}{% set y = 1 %}{{ y }}{% endset %}{{ x }}{{ y is defined }}",
    "{% with a=1, b=2 %}{{ a }}{{ b }}{% endwith %}{{ a is defined }}",
    "{% set a = 5 %}{% with a=1, b=a %}{{ a }}{{ b }}{% endwith %}",
    "{% filter upper %}a{{ s }}b{% endfilter %}",
    "{% filter replace('l', 'L')|upper|trim %} hello {% endfilter %}",
    "{% macro m(a, b=2) %}{{ a }}-{{ b }}{% endmacro %}{{ m(1) }} {{ m(1, 3) }} {{ m(b=4, a=5) }}",
    "{% macro m(a) %}[{{ a }}]{% endmacro %}{{ m() }}",
    "{% macro m(a) %}{{ a is defined }}{% endmacro %}{{ m() }}{{ m(none) }}",
    "{% macro m(a) %}{{ a.x }}{% endmacro %}{{ m() }}",
    "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(b=1) }}",
    "{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m() %}<{{ caller() }}>{% endmacro %}{% call m() %}x{{ n }}{% endcall %}",
    "{% macro m() %}<{{ caller(1, 2) }}>{% endmacro %}{% call(a, b) m() %}{{ a }}+{{ b }}{% endcall %}",
    "{% macro m() %}<{{ caller(1) }}>{% endmacro %}{% call(a, b=9) m() %}{{ a }}+{{ b }}{% endcall %}",
    "{% macro m(x) %}{{ x }}{{ caller() if caller else 'none' }}{% endmacro %}{{ m(1) }}",
    "{% macro m() %}{{ caller is defined }}{% endmacro %}{{ m() }}{% call m() %}{% endcall %}",
    "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro f(k) %}{% if k > 0 %}{{ k }}{{ f(k - 1) }}{% endif %}{% endmacro %}{{ f(5) }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 1 %}{{ m() }}",
    "{% set x = 1 %}{% macro m() %}{{ x }}{% set x = 2 %}{{ x }}{% endmacro %}{{ m() }}{{ x }}",
    "{% macro a() %}a{{ b() }}{% endmacro %}{% macro b() %}b{% endmacro %}{{ a() }}",
    "{% macro m() %}\n  x\n{% endmacro %}\n[{{ m() }}]",
    "{% macro m() %} x {% endmacro %}{{ m()|trim }}{{ m() ~ 'y' }}{{ m()|length }}",
    "{{ m() }}{% macro m() %}x{% endmacro %}",
    "{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}{{ m(*[1, 2]) }}{{ m(**{'a': 3, 'b': 4}) }}"
    "{{ m(5, **{'b': 6}) }}",
    "{% macro m(x) %}{% for i in x %}{{ loop.index }}{% endfor %}{% endmacro %}{% for a in [1, 2] %}"
    "{{ m([1, 2]) }}{{ loop.index }};{% endfor %}",
    "{% macro m %}{% endmacro %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% set c = cycler('a', 'b', 'c') %}{{ c.next() }}{{ c.next() }}{{ c.current }}{{ c.next() }}"
    "{{ c.next() }}{{ c.reset() }}{{ c.next() }}",
    "{% set j = joiner(', ') %}{% for x in xs %}{{ j() }}{{ x }}{% endfor %}",
    "{% set j = joiner() %}{{ j() }}{{ j() }}",
    "{% set g = xs|select('odd') %}{{ g|list }}{{ g|list }}",
    "{% set g = xs|map('string') %}{% if g %}yes{% endif %}{{ g|first }}{{ g|first }}{{ g|join }}",
    "{{ xs|select('odd')|length }}",
    "{{ (xs|map('string'))[0] }}.",
    "{% set xs = xs + [4] %}{{ xs }}",
    "{% set _ = xs.append(4) %}",
    "{% block a %}x{{ n }}{% endblock %}",
    "{% block a %}x{% endblock a %}",
    "{% autoescape false %}{{ html }}{% endautoescape %}",
    "{% if yes %}",
    "{% endif %}",
    "{% for x in xs %}",
    "{% else %}",
    "{{ s ",
    "{{ s }",
    "{{ }}",
    "{{ 1 2 }}",
    "{{ s. }}",
    "{{ s[ }}",
    "{{ (1 }}",
    "{{ 'a }}",
    "{% unknown %}",
    "{% if %}{% endif %}",
    "{% for in xs %}{% endfor %}",
    "{% for x of xs %}{% endfor %}",
    "{% set %}{% endset %}",
    "{% set 1 = 2 %}",
    "{% set x = %}",
    "{% break %}",
    "{# x",
    "{% raw %}x",
    "{{ a b }}",
    "{{ 1 + }}",
    "{{ * }}",
    "{{ f(a=1, 2) }}",
    "{{ x | }}",
    "{{ x is }}",
    "{{ $ }}",
    "{{ a ? b : c }}",
    "{{ a && b }}",
    "}} %} #}",
    "{ { } }",
    "{{ '}}' }}{{ \"%}\" }}",
    "text only",
    "",
    "\n",
    "\n\n",
    "{{ '\n' }}",
    "{%- for m in people -%}\n  {{- m.name -}}\n{%- endfor -%}\n x",
    "{% for m in people %}\n{{ m.name }}\n{% endfor %}\ndone",
    "{% for m in people %}\n    {% if m.tags %}\n        {{ m.tags }}\n    {% endif %}\n{% endfor %}",
    "{% if yes %}\n\n\nx{% endif %}",
    "{% set x = 'a' -%}\n\n  b",
    "{{ raise_exception('stop: ' ~ n) }}",
    "{% if no %}{{ raise_exception('never') }}{% endif %}ok",
    "{{ raise_exception('two\nlines') }}",
    "{{- 'x' -}}{{+ 'y' }}",
    "{{ s if s is defined else 'x' }}",
    "{% set x = s if yes else '' %}{{ x }}",
    "{% if 'a' in d and d['a'] == 1 %}x{% endif %}",
    "{% for x in (xs if yes else []) %}{{ x }}{% endfor %}",
    "{% for x in xs[::-1] %}{{ x }}{% endfor %}",
    "{% for x in xs[1:] + [9] %}{{ x }}{% endfor %}",
    "{% for i in range(xs|length - 1, -1, -1) %}{{ xs[i] }}{% endfor %}",
    "{% set loop_messages = people[1:] %}{% for m in loop_messages %}{{ m['name'] }}{% endfor %}",
    "{%- set a = 1 -%}{%- set b = a + 1 -%}{{ b }}",
    "{% for x in xs %}{% set y = x %}{% endfor %}{{ y is defined }}",
    "{% set items = [] %}{% for x in xs %}{% set items = items + [x] %}{% endfor %}{{ items }}",
    "{{ loop is defined }}{% for x in [1] %}{{ loop is defined }}{% endfor %}",
    "{% for loop in xs %}{% endfor %}",
    "{% for s in [1] %}{{ s }}{% endfor %}{{ s }}",
    "{% if yes %}{% macro m() %}in{% endmacro %}{% endif %}{{ m() }}",
    "{% for x in [1] %}{% macro m() %}in{{ x }}{% endmacro %}{{ m() }}{% endfor %}{{ m is defined }}",
    "a{% if yes -%}   b   {%- endif %}  c",
    "  \t {% if yes %}x{% endif %}",
    "x\u00a0\n\u00a0{% if yes %}x{% endif %}",
    "{{ s }}{% if yes %}\n{% endif %}\nx",
    "{% if yes %}\r\nx\r\n{% endif %}\r\ny",
    "{{ foo.0 }}{{ xs.1 }}",
    "{{ d . a }}{{ xs [ 0 ] }}{{ s | upper }}",
    "{{ s|replace(\n'l',\n'x') }}",
    "{%\nif\nyes\n%}x{%\nendif\n%}",
    "{{ 'a' 'b'\n'c' }}",
    "{{ [1,2,] }}{{ (1,2,) }}{{ {'a':1,} }}{{ range(1,3,)|list }}",
    "{{ {} == {} }}{{ [] == [] }}{{ () == () }}",
    "{{ not }}",
    "{{ true.foo is defined }}",
    "{{ namespace(a=[1, 'x']) }}",
    "{{ x.y.z }}",
    "{{ people|map(attribute='name')|map('lower')|sort|join(',') }}",
    "{{ people|selectattr('age', 'gt', 26)|map(attribute='name')|join(',') }}",
    "{{ 'x' * 3 ~ 'y' }}",
    "{{ nil|selectattr('a')|list }}{{ nil|map(attribute='a')|list }}{{ false|reject('string')|list }}",
    "{{ 0|map('upper')|list }}{{ nil|rejectattr('a', 'equalto', 1)|list }}{{ missing|select|list }}",
    "{{ yes|select|list }}",
    "{{ [1.5, 2]|truncate(5) }}{{ missing|truncate(3) }}{{ d|truncate(9) }}",
    "{{ 1|truncate }}",
    "{{ nil|truncate }}",
    "{{ range(300)|list|truncate }}",
    "{{ u|wordwrap(5) }}",
    "{{ ('🦙' * 12)|wordwrap(5) }}{{ ('ab ' ~ '🦙' * 7)|wordwrap(4) }}{{ ('🦙' * 3)|wordwrap(5, false) }}",
]


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[jinja2.ext.loopcontrols]
    )

    def raise_exception(message):
        raise TemplateError(message)

    env.filters["tojson"] = lambda x, ensure_ascii=False, indent=None, separators=None, sort_keys=False: (
        json.dumps(
            x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
        )
    )
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: datetime.datetime(2026, 1, 31, 9, 5, 7, 42).strftime(f)
    return env


def answer(template):
    try:
        return {"text": environment().from_string(template).render(**CONTEXT)}
    except TemplateError as e:
        return {"raised" if type(e) is TemplateError else "error": str(e)}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}"}


def main():
    cases = ["{{ " + e + " }}" for e in EXPRESSIONS] + TEMPLATES
    answers = [{"template": t, **answer(t)} for t in cases]
    # An address in memory is no answer.
    answers = [a for a in answers if " at 0x" not in a.get("text", "")]
    out = {"context": CONTEXT, "cases": answers}
    target = pathlib.Path(__file__).with_name("jinja_answers.json")
    target.write_text(json.dumps(out, indent=1) + "\n")


main()
