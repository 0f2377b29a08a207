// SPDX-License-Identifier: Apache-2.0
#include "agent/http/encoding.hpp"

#include "tests/support/catch.hpp"

using namespace spyre::http;

TEST_CASE("forms are escaped") {
  CHECK(form({{"a", "1 + 1"}, {"b&c", "ü=/~"}, {"d", ""}}) == "a=1%20%2B%201&b%26c=%C3%BC%3D%2F~&d=");
  CHECK(form({}).empty());
  CHECK(percent_encoded("-_.~aZ09") == "-_.~aZ09");
  CHECK(percent_encoded("!\"#$%&'()*+,/:;<=>?@[\\]^`{|}\n\x7F") ==
        "%21%22%23%24%25%26%27%28%29%2A%2B%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E%60%7B%7C%7D%0A%7F");
}

TEST_CASE("authorization matches the examples of the standard") {
  CHECK(basic_authorization("Aladdin", "open sesame") == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  CHECK(basic_authorization("a", "b") == "Basic YTpi");
  CHECK(basic_authorization("a", "bc") == "Basic YTpiYw==");
  const std::string long_one = basic_authorization("user", std::string(1000, 'x'));
  CHECK(long_one.size() == 6 + 4 * ((1005 + 2) / 3));
  CHECK(long_one.find_first_of("\r\n") == std::string::npos);
}
