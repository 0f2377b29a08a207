// SPDX-License-Identifier: Apache-2.0
// The line printer on a real pseudo-terminal.
#include <algorithm>
#include <array>
#include <vector>

#include <pty.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "agent/core/files.hpp"
#include "agent/report/line_printer.hpp"
#include "tests/support/catch.hpp"

using namespace spyre;
using namespace spyre::report;
using results::Outcome;

namespace {

using Environment = std::map<std::string, std::string>;
const Environment xterm{{"TERM", "xterm-256color"}, {"LANG", "C.UTF-8"}};

class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    const winsize size{24, columns, 0, 0};
    int master = -1, slave = -1;
    REQUIRE(::openpty(&master, &slave, nullptr, nullptr, &size) == 0);
    m_master = UniqueFd(master);
    m_slave = UniqueFd(slave);
  }
  int fd() const { return m_slave.get(); }
  void resize(unsigned short columns) {
    const winsize size{24, columns, 0, 0};
    REQUIRE(::ioctl(m_slave.get(), TIOCSWINSZ, &size) == 0);
  }
  LinePrinter::Sink sink() {
    return [this, write = write_to(fd())](std::string_view text) {
      // The terminal turns each "\n" into "\r\n".
      m_waiting += text.size() + static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
      write(text);
    };
  }
  // The output since the last call.
  std::string take() {
    std::string out;
    while (m_waiting > 0) {
      std::array<char, 4096> buffer{};
      const ssize_t count = ::read(m_master.get(), buffer.data(), std::min(buffer.size(), m_waiting));
      REQUIRE(count > 0);
      out.append(buffer.data(), static_cast<std::size_t>(count));
      m_waiting -= static_cast<std::size_t>(count);
    }
    return out;
  }

 private:
  UniqueFd m_master, m_slave;
  std::size_t m_waiting = 0;  // bytes written and not read yet
};

// The lines visible on the screen after this output.
std::vector<std::string> seen(const std::string& bytes) {
  std::vector<std::string> lines(1);
  std::size_t column = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string& line = lines.back();
    if (bytes[i] == '\r') {
      column = 0;
    } else if (bytes[i] == '\n') {
      lines.emplace_back();
      column = 0;
    } else if (bytes.compare(i, 3, "\x1b[K") == 0) {
      line.resize(column);
      i += 2;
    } else if (bytes[i] == '\x1b') {
      i = bytes.find('m', i);
    } else {
      if (column == line.size()) line += ' ';
      line[column++] = bytes[i];
    }
  }
  return lines;
}

Progress progress_of_ten(std::size_t done, std::size_t failed) {
  Progress out;
  out.done = done;
  out.total = 10;
  out.share = static_cast<double>(done) / 10;
  out.outcomes[static_cast<std::size_t>(Outcome::passed)] = done - failed;
  out.outcomes[static_cast<std::size_t>(Outcome::failed)] = failed;
  out.elapsed = Seconds{5};
  return out;
}

}  // namespace

TEST_CASE("a terminal and its capabilities are detected") {
  const Terminal terminal(60);
  const Style style = style_of(terminal.fd(), xterm);
  CHECK(style.live);
  CHECK(style.colour);
  CHECK(style.unicode);
  CHECK(style.width() == 60);

  const auto with = [&](const std::string& name, const std::string& value) {
    Environment environment = xterm;
    environment[name] = value;
    return style_of(terminal.fd(), environment);
  };
  CHECK_FALSE(with("NO_COLOR", "1").colour);
  CHECK(with("NO_COLOR", "1").live);
  CHECK(with("NO_COLOR", "").colour);
  CHECK_FALSE(with("TERM", "dumb").live);
  CHECK_FALSE(with("TERM", "dumb").colour);
  CHECK_FALSE(with("CI", "true").live);
  CHECK_FALSE(with("LC_ALL", "C").unicode);
  CHECK(with("LANG", "de_DE.utf8").unicode);
  CHECK_FALSE(style_of(terminal.fd(), {}).live);
}

TEST_CASE("a pipe is not a terminal") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const UniqueFd reader(ends[0]), writer(ends[1]);
  const Style style = style_of(writer.get(), xterm);
  CHECK_FALSE(style.live);
  CHECK_FALSE(style.colour);
  CHECK(style.unicode);
}

TEST_CASE("the screen contents on a terminal") {
  Terminal terminal(60);
  ManualClock clock;
  std::string all;
  {
    LinePrinter printer(style_of(terminal.fd(), xterm), clock, terminal.sink());
    printer.update(progress_of_ten(3, 0));
    all += terminal.take();
    CHECK(seen(all) == std::vector<std::string>{" 30 %  3/10 cases  no failures  0 running  5.0 s"});
    printer.failure("test_x", Outcome::failed, "1 != 2");
    clock.advance(Seconds{1});
    printer.update(progress_of_ten(4, 1));
    all += terminal.take();
    CHECK(seen(all) ==
          std::vector<std::string>{"   failed  test_x  1 != 2", " 40 %  4/10 cases  1 failed  0 running  5.0 s"});
    terminal.resize(17);
    clock.advance(Seconds{1});
    printer.update(progress_of_ten(5, 1));
    all += terminal.take();
    CHECK(seen(all).back() == " 50 %  1 failed");
    printer.finish(progress_of_ten(10, 1));
  }
  all += terminal.take();
  CHECK(seen(all) ==
        std::vector<std::string>{"   failed  test_x  1 != 2", "100 %  10/10 cases  1 failed  0 running  5.0 s", ""});
}

TEST_CASE("a stalled reader is not waited for, and gets everything later") {
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const UniqueFd reader(ends[0]), writer(ends[1]);
  auto sink = write_to(writer.get());
  std::string all;
  for (int i = 0; i < 3000; ++i) {  // more than a pipe holds
    const std::string line = "line " + std::to_string(i) + " of some length that fills the pipe after a while\n";
    sink(line);
    all += line;
  }
  std::string seen(all.size() + 1, ' ');
  std::size_t got = 0;
  for (ssize_t some = 1; got < all.size() && some > 0; got += static_cast<std::size_t>(std::max<ssize_t>(some, 0))) {
    some = ::read(reader.get(), seen.data() + got, seen.size() - got);
    sink("");
  }
  CHECK(seen.substr(0, got) == all);
}

TEST_CASE("a closed terminal does not end the run") {
  ManualClock clock;
  std::array<int, 2> ends{};
  REQUIRE(::pipe(ends.data()) == 0);
  const UniqueFd reader(ends[0]);
  UniqueFd writer(ends[1]);
  const auto sink = write_to(writer.get());
  writer.reset();
  LinePrinter printer(Style{}, clock, sink);
  printer.note("nobody reads this");
  SUCCEED("it went on");
}
