"""lexrpc's client calls the server at the address that is the first argument.

Prints a line for everything that holds, and ends with code 1 at the first thing that does not.
"""
import sys

import requests
from lexrpc.client import Client

from lexicons import LEXICONS, NSID

client = Client(sys.argv[1], lexicons=LEXICONS)


def call(name, *args, **kwargs):
    return client.call(NSID + name, *args, **kwargs)


def equal(found, expected):
    assert found == expected, f'expected {expected!r}, found {found!r}'


def refused(status, name, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except requests.HTTPError as error:
        equal(error.response.status_code, status)
        equal(error.response.json()['error'], name)
        return error.response
    raise AssertionError('nothing was refused')


def an_object_goes_in_and_out():
    equal(call('greet', {'name': 'Ana'}), {'greeting': 'Hello, Ana!'})


def a_declared_error_has_its_name():
    equal(refused(400, 'Stranger', 'greet', {'name': 'nobody'}).json()['message'], 'nobody knows nobody')


def invalid_input_is_refused():
    refused(400, 'InvalidRequest', 'greet', {'name': 5})


def data_comes_back_as_it_went():
    everything = {
        'text': 'olá', 'number': -7, 'flag': True, 'nothing': None, 'numbers': [1, 2],
        'fruit': {'$type': NSID + 'defs#apple', 'colour': 'red'}, 'anything': {'x': ['y', None]}, 'surplus': 1,
    }
    equal(call('echo', everything), everything)


def parameters_arrive_and_defaults_are_filled_in():
    output = call('listNumbers', below=200, even=True, tags=['a b', 'c&d', 'é+'], **{'not': [2, 4]})
    equal(output['numbers'][:3], [0, 6, 8])
    equal(len(output['numbers']), 50)
    equal(output['tags'], ['a b', 'c&d', 'é+'])


def bytes_are_uploaded_and_downloaded():
    equal(call('upload', b'x' * 70_000, headers={'Content-Type': 'image/png'}), {'size': 70_000, 'mimeType': 'image/png'})
    response = call('download', size=5000)
    equal(response.headers['Content-Type'], 'application/vnd.ipld.car')
    equal(len(response.content), 5000)


def messages_of_a_subscription_come_in_order():
    frames = list(call('count', cursor=3, to=6))
    equal([header for header, _ in frames], [{'op': 1, 't': '#number'}] * 3 + [{'op': 1, 't': '#done'}])
    equal([payload['seq'] for _, payload in frames], [4, 5, 6, 7])
    assert '$type' not in frames[0][1]


def a_future_cursor_is_an_error_frame():
    equal([header for header, _ in call('count', cursor=5000)], [{'op': -1}])


CHECKS = (
    an_object_goes_in_and_out,
    a_declared_error_has_its_name,
    invalid_input_is_refused,
    data_comes_back_as_it_went,
    parameters_arrive_and_defaults_are_filled_in,
    bytes_are_uploaded_and_downloaded,
    messages_of_a_subscription_come_in_order,
    a_future_cursor_is_an_error_frame,
)

for check in CHECKS:
    check()
    print('ok:', check.__name__.replace('_', ' '))
